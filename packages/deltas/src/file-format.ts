/**
 * # The delta file
 *
 * A safetensors file. Its metadata:
 *
 * | key | text |
 * | --- | --- |
 * | `format`, `version` | `subset-tuning-delta`, `1` |
 * | `base` | the model that the seed comes from |
 * | `seed` | one fingerprint of the whole seed, see `Delta.seedSha256`; missing in older files |
 * | `tuned` | one fingerprint of all tuned tensors, see `Delta.tunedSha256` |
 * | `shape/NAME` | the full tensor's shape, at most 32 lengths with commas between them |
 * | `seed/NAME` | SHA-256 of the whole seed tensor (float32, little-endian, row-major) |
 *
 * Its tensors, for each changed tensor NAME:
 *
 * | tensor | dtype and shape | what |
 * | --- | --- | --- |
 * | `values/NAME` | F32 `[k]` | the values that replace the seed's, in the order of their positions |
 * | `gaps/NAME` | U8 `[bytes]` | the k positions, packed as `encodeGaps` says; k is less than the tensor's size |
 *
 * Where every entry changed, `values/NAME` has the full tensor's shape and there is no `gaps/NAME`.
 * All hashes are 64 lower-case hexadecimal digits. Other metadata is ignored, other tensors are refused.
 */
export const FORMAT = 'subset-tuning-delta';
export const VERSION = '1';
