const reasons = new WeakMap<GPUDevice, string>();
const watched = new WeakSet<GPUDevice>();

/**
 * Throws where the device is known to be lost. Without this tfjs goes on, and every result is zeros: a lost device
 * ignores commands without an error.
 */
export function assertAlive(device: GPUDevice, kernel: string): void {
  if (!watched.has(device)) {
    watched.add(device);
    void device.lost.then(({reason, message}) => reasons.set(device, [reason, message].filter(Boolean).join(': ')));
  }
  const reason = reasons.get(device);
  if (reason === undefined) return;
  throw new Error(
    `${kernel} on webgpu: the device was lost (${reason}), and with it all tensors on it; make the backend anew with ` +
      'tf.removeBackend and tf.registerBackend, and go on from the last state that was read or saved',
  );
}
