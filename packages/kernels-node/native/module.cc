// What Node loads: registers the ops in the TensorFlow that the addon of tfjs-node has loaded.
#include <node_api.h>

#include <exception>

#include "ops.h"
#include "own-memory.h"

// Of the ops' inputs and outputs: to be the same as in `src/native-addon.ts`.
constexpr int32_t INTERFACE_VERSION = 3;

namespace {

int32_t only_argument(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t value = -1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  if (count == 1) napi_get_value_int32(env, argument, &value);
  return value;
}

napi_value reserve(napi_env env, napi_callback_info info) {
  napi_value first;
  napi_create_int32(env, reserve_keys(only_argument(env, info)), &first);
  return first;
}

// Tells the garbage collector how much memory there is of ours. It would not look for the arrays that slots and weights
// were made of while it knows of nothing new.
napi_value report(napi_env env, napi_callback_info) {
  static int64_t reported = 0;
  int64_t all = 0;
  const int64_t bytes = own_bytes();
  napi_adjust_external_memory(env, bytes - reported, &all);
  reported = bytes;
  return nullptr;
}

template <bool (*Ask)(int32_t)>
napi_value ask(napi_env env, napi_callback_info info) {
  napi_value answer;
  napi_get_boolean(env, Ask(only_argument(env, info)), &answer);
  return answer;
}

void add_function(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function) == napi_ok) {
    napi_set_named_property(env, exports, name, function);
  }
}

}  // namespace

extern "C" NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  try {
    register_ops();
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
  napi_value version;
  if (napi_create_int32(env, INTERFACE_VERSION, &version) == napi_ok) {
    napi_set_named_property(env, exports, "interfaceVersion", version);
  }
  add_function(env, exports, "reserveKeys", reserve);
  add_function(env, exports, "reportMemory", report);
  add_function(env, exports, "hold", ask<hold>);
  add_function(env, exports, "isFree", ask<is_free>);
  return exports;
}
