// The ops of subset tuning, for TensorFlow's CPU device.
#pragma once

// Makes TensorFlow know them, once a process. Throws std::runtime_error where it refuses.
void register_ops();
