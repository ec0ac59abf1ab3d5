// Memory of slots and parameters, which steps write in place.
//
// TensorFlow tells no kernel whether another tensor shares an input's memory. Of memory that is ours we know: when its
// last tensor is gone, TensorFlow says so. So JavaScript holds the memory by its key, deletes its tensor, and asks whether
// that was the last.
#pragma once
#include <cstdint>

#include "tensors.h"

// Keys for new memory, never given again: the first of so many.
int32_t reserve_keys(int32_t count);
// From here on memory outlives its last tensor. False where there is none of this key.
bool hold(int32_t key);
// Whether held memory has outlived its last tensor, so that nobody else sees what is written into it.
bool is_free(int32_t key);

// How many bytes there are of such memory.
int64_t own_bytes();

// What a step writes: memory that is free, or new memory that goes again unless it becomes a tensor.
class OwnMemory {
 public:
  // Takes the memory of a key, which must be free.
  explicit OwnMemory(int32_t key);
  // Takes new memory for a key and copies the values into it.
  OwnMemory(int32_t key, const Tensor& values);
  OwnMemory(OwnMemory&& other) noexcept;
  OwnMemory(const OwnMemory&) = delete;
  ~OwnMemory();

  float* data() const;
  // A tensor over it, with which it goes from here on.
  Tensor to_tensor(const std::vector<int64_t>& shape);

 private:
  int32_t key_;
  bool is_new_;
};
