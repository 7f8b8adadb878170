/** Of several runs of the same thing: one slow or lucky run does not move the median. */
export interface Spread {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
  return { minimum: at(0), median, maximum: at(sorted.length - 1) };
}

export function spreadText(values: readonly number[], unit: string): string {
  const { minimum, median, maximum } = spreadOf(values);
  return `${digits(median)} ${unit} (${digits(minimum)} to ${digits(maximum)}, ${values.length} runs)`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
