#include "own-memory.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <unordered_map>

namespace {

// What TensorFlow wants of memory that it does not copy.
constexpr size_t ALIGNMENT = 64;

struct Block {
  float* data;
  size_t bytes;
  bool is_held = false;
  // How many tensors there are over it.
  int tensors = 0;
};

// Never destroyed: tensors may go after everything else.
std::mutex& mutex() {
  static std::mutex* own = new std::mutex;
  return *own;
}
std::unordered_map<int32_t, Block>& blocks() {
  static auto* own = new std::unordered_map<int32_t, Block>;
  return *own;
}

int64_t all_bytes = 0;

// To be called under the lock.
void remove(int32_t key) {
  const auto found = blocks().find(key);
  all_bytes -= static_cast<int64_t>(found->second.bytes);
  std::free(found->second.data);
  blocks().erase(found);
}

void tensor_gone(void*, size_t, void* key_as_pointer) {
  const int32_t key = static_cast<int32_t>(reinterpret_cast<intptr_t>(key_as_pointer));
  std::lock_guard<std::mutex> lock(mutex());
  Block& block = blocks().at(key);
  if (--block.tensors == 0 && !block.is_held) remove(key);
}

}  // namespace

int32_t reserve_keys(int32_t count) {
  static int32_t next = 0;
  std::lock_guard<std::mutex> lock(mutex());
  next += count;
  return next - count;
}

bool hold(int32_t key) {
  std::lock_guard<std::mutex> lock(mutex());
  const auto found = blocks().find(key);
  if (found == blocks().end()) return false;
  found->second.is_held = true;
  return true;
}

bool is_free(int32_t key) {
  std::lock_guard<std::mutex> lock(mutex());
  const auto found = blocks().find(key);
  return found != blocks().end() && found->second.is_held && found->second.tensors == 0;
}

int64_t own_bytes() {
  std::lock_guard<std::mutex> lock(mutex());
  return all_bytes;
}

OwnMemory::OwnMemory(int32_t key) : key_(key), is_new_(false) {
  std::lock_guard<std::mutex> lock(mutex());
  if (blocks().count(key) == 0) throw std::runtime_error("a step's memory is gone");
}

OwnMemory::OwnMemory(int32_t key, const Tensor& values) : key_(key), is_new_(true) {
  const size_t bytes = TF_TensorByteSize(values.get());
  auto* data = static_cast<float*>(std::aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT));
  if (!data) throw std::bad_alloc();
  std::memcpy(data, data_of<float>(values), bytes);
  std::lock_guard<std::mutex> lock(mutex());
  blocks()[key] = {data, bytes};
  all_bytes += static_cast<int64_t>(bytes);
}

OwnMemory::OwnMemory(OwnMemory&& other) noexcept : key_(other.key_), is_new_(other.is_new_) {
  other.is_new_ = false;
}

OwnMemory::~OwnMemory() {
  if (!is_new_) return;
  std::lock_guard<std::mutex> lock(mutex());
  remove(key_);
}

float* OwnMemory::data() const {
  std::lock_guard<std::mutex> lock(mutex());
  return blocks().at(key_).data;
}

Tensor OwnMemory::to_tensor(const std::vector<int64_t>& shape) {
  std::unique_lock<std::mutex> lock(mutex());
  Block& block = blocks().at(key_);
  block.tensors++;
  block.is_held = false;
  is_new_ = false;
  float* data = block.data;
  const size_t bytes = block.bytes;
  lock.unlock();
  return Tensor(TF_NewTensor(TF_FLOAT, shape.data(), static_cast<int>(shape.size()), data, bytes, tensor_gone,
                             reinterpret_cast<void*>(static_cast<intptr_t>(key_))));
}
