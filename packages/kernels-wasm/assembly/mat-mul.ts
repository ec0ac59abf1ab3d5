/**
 * C = op(A)·op(B) in float32, on one thread, as Goto and van de Geijn describe it ("Anatomy of High-Performance Matrix
 * Multiplication", 2008): B is packed into panels of 8 columns that stay in the first cache while blocks of A stream
 * from the second, so that a transposed operand costs one pass of packing and no more.
 *
 * Rows and columns are counted in elements; every stride and offset is in bytes.
 */

// Exported only so that it stays a function of its own, which engines optimise apart.
export {panel} from './mat-mul/panel';
export {scratchBytes} from './mat-mul/blocks';
export {multiply} from './mat-mul/multiply';
export {fillRows} from './mat-mul/fill-rows';
