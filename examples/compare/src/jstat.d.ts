/** The part of jStat that is used here; the package brings no types. */
declare module 'jstat' {
  const jStat: {
    mean(values: readonly number[]): number;
    /** The interval [low, high] around a mean at confidence 1 − alpha, by Student's t on the sample's own deviation. */
    tci(mean: number, alpha: number, values: readonly number[]): [low: number, high: number];
  };
  export default jStat;
}
