/** Numbers, of which the least is taken first. */
export class Heap {
  readonly #values: number[] = [];

  push(value: number): void {
    const values = this.#values;
    let at = values.length;
    for (let parent = (at - 1) >> 1; at > 0 && values[parent] > value; parent = (at - 1) >> 1) {
      values[at] = values[parent];
      at = parent;
    }
    values[at] = value;
  }

  pop(): number | undefined {
    const values = this.#values;
    const least = values[0];
    const value = values.pop();
    if (value === undefined || values.length === 0) return least;
    let at = 0;
    for (let child = 1; child < values.length; child = 2 * at + 1) {
      if (child + 1 < values.length && values[child + 1] < values[child]) child++;
      if (values[child] >= value) break;
      values[at] = values[child];
      at = child;
    }
    values[at] = value;
    return least;
  }
}
