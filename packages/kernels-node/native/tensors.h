// The inputs and outputs of a kernel, through TensorFlow's C interface.
#pragma once
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include "tensorflow/c/kernels.h"

struct DeleteStatus {
  void operator()(TF_Status* status) const { TF_DeleteStatus(status); }
};
using Status = std::unique_ptr<TF_Status, DeleteStatus>;

struct DeleteTensor {
  void operator()(TF_Tensor* tensor) const { TF_DeleteTensor(tensor); }
};
using Tensor = std::unique_ptr<TF_Tensor, DeleteTensor>;

// Throws where TensorFlow has said that something went wrong.
inline void check(const Status& status) {
  if (TF_GetCode(status.get()) != TF_OK) throw std::runtime_error(TF_Message(status.get()));
}

template <typename T>
T* data_of(const Tensor& tensor) {
  return static_cast<T*>(TF_TensorData(tensor.get()));
}

inline int64_t size_of(const Tensor& tensor) { return TF_TensorElementCount(tensor.get()); }

inline std::vector<int64_t> shape_of(const Tensor& tensor) {
  std::vector<int64_t> shape(TF_NumDims(tensor.get()));
  for (size_t axis = 0; axis < shape.size(); axis++) shape[axis] = TF_Dim(tensor.get(), static_cast<int>(axis));
  return shape;
}

class Context {
 public:
  explicit Context(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}

  Tensor input(int i) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, i, &tensor, status_.get());
    check(status_);
    return Tensor(tensor);
  }

  std::vector<Tensor> inputs(int first, int64_t count) {
    std::vector<Tensor> all;
    for (int64_t i = 0; i < count; i++) all.push_back(input(first + static_cast<int>(i)));
    return all;
  }

  Tensor allocate(int i, TF_DataType type, const std::vector<int64_t>& shape) {
    size_t bytes = TF_DataTypeSize(type);
    for (const int64_t length : shape) bytes *= length;
    TF_Tensor* tensor = TF_AllocateOutput(context_, i, type, shape.data(), static_cast<int>(shape.size()), bytes,
                                          status_.get());
    check(status_);
    return Tensor(tensor);
  }

  // Makes a tensor the output that shares its memory.
  void set(int i, const Tensor& tensor) {
    TF_SetOutput(context_, i, tensor.get(), status_.get());
    check(status_);
  }

  void fail(TF_Code code, const char* message) {
    TF_SetStatus(status_.get(), code, message);
    TF_OpKernelContext_Failure(context_, status_.get());
  }

 private:
  TF_OpKernelContext* context_;
  Status status_;
};
