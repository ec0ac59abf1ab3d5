// What the contract of the kernels says of single float32 numbers.
#pragma once
#include <cmath>
#include <cstdint>

// Clones of a function for processors with wider vectors: the loader takes the right one.
#if defined(__x86_64__) && defined(__ELF__)
#define WIDER_VECTORS __attribute__((target_clones("avx2", "default")))
#else
#define WIDER_VECTORS
#endif
#define INLINE static inline __attribute__((always_inline))

constexpr int32_t INFINITY_BITS = 0x7f800000;
constexpr int32_t MAGNITUDE_BITS = 0x7fffffff;
constexpr float SMALLEST_NORMAL = 0x1p-126f;

INLINE int32_t bits_of(float x) { return __builtin_bit_cast(int32_t, x); }

INLINE bool is_finite(float x) { return (bits_of(x) & MAGNITUDE_BITS) < INFINITY_BITS; }

// A subnormal counts as zero in a distance.
INLINE float flush(float x) { return std::fabs(x) < SMALLEST_NORMAL ? 0.0f : x; }

INLINE float zero_if_nan(float x) { return x != x ? 0.0f : x; }
