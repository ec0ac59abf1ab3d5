import type {DataSet, Task} from '@subset-tuning/tasks';

/** A task whose one split, `test`, is some rows that are read already. */
export function taskOfRows<Row extends object>(task: Task, rows: readonly Row[]): Task {
  const dataSet: DataSet<Row> = {
    name: task.name,
    splits: {test: []},
    async *read() {
      yield* rows;
    },
  };
  return {...task, dataSet};
}
