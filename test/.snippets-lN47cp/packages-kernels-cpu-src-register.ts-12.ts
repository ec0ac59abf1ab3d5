











await tf.setBackend('cpu');
register();
topKMask(tf.tensor1d([3, -5, 0, 4]), 2).print(); // [false, true, false, true]