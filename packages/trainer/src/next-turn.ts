/**
 * Lets whatever waits in the event loop run: drawing, input, timers.
 *
 * By a message. `requestAnimationFrame`, which `tf.nextFrame` waits for, never fires in a hidden tab, and timers wait
 * there for a second or more.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof MessageChannel === 'undefined') {
      setTimeout(resolve); // jsdom
      return;
    }
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
