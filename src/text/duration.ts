/** A span of time for people: `0.4 s`, `90 s`, `3 min 05 s`, `5 min`, `2 h 10 min`. Takes milliseconds. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 120) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min${rest(whole % 60, "s")}`;
  }
  return `${Math.floor(whole / 3600)} h${rest(Math.floor((whole % 3600) / 60), "min")}`;
}

function rest(number: number, unit: string): string {
  return number === 0 ? "" : ` ${String(number).padStart(2, "0")} ${unit}`;
}
