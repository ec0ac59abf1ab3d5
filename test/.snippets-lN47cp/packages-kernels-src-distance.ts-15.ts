














distanceBetween(3, -1, 'absolute', DEFAULT_ETA); // 4