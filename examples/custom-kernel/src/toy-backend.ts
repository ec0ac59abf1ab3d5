import {type DataId, DataStorage, type DataType, engine, KernelBackend, type TensorInfo} from '@tensorflow/tfjs-core';

export type Values = Float32Array | Int32Array | Uint8Array;

/** A backend with memory of its own, which values are copied into and out of, as a device's. It knows no op of tfjs. */
export class ToyBackend extends KernelBackend {
  private readonly storage: DataStorage<{values: Values; references: number}> = new DataStorage(this, engine());

  /** The backend's own memory of a tensor. */
  valuesOf({dataId}: TensorInfo): Values {
    return this.storage.get(dataId).values;
  }
  override write(values: Values, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }
  override move(dataId: DataId, values: Values, _shape: number[], _dtype: DataType, references: number): void {
    this.storage.set(dataId, {values: values.slice(), references});
  }
  override readSync(dataId: DataId): Values {
    return this.storage.get(dataId).values.slice();
  }
  /** Takes one handle away, or all; true where that was the last. */
  override disposeData(dataId: DataId, force = false): boolean {
    return (--this.storage.get(dataId).references === 0 || force) && this.storage.delete(dataId);
  }
  override read = async (dataId: DataId) => this.readSync(dataId);
  override incRef = (dataId: DataId) => void this.storage.get(dataId).references++;
  override refCount = (dataId: DataId) => this.storage.get(dataId).references;
  override numDataIds = () => this.storage.numDataIds();
  override timerAvailable = () => false;
  override floatPrecision = () => 32 as const;
  override memory = () => ({unreliable: false});
  override dispose = () => {};
}
