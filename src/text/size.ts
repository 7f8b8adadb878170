/** A number of bytes for people: `0 B`, `12 KiB`, `1.5 GiB`. */
export function size(bytes: number): string {
  let number = bytes;
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (number < 1024) {
      return `${number < 10 && unit !== "B" ? number.toFixed(1).replace(/\.0$/, "") : Math.round(number)} ${unit}`;
    }
    number /= 1024;
  }
  return `${number.toFixed(1).replace(/\.0$/, "")} TiB`;
}
