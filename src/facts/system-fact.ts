/** What the machine is. From os-release, machine-id, /proc and `id`. */
export interface SystemFact {
  /** `debian` or `ubuntu`, as in os-release ID. */
  readonly osId: string;
  readonly osVersionId: string;
  readonly codename: string;
  readonly architecture: string;
  readonly machineId: string;
  readonly hostname: string;
  readonly isRoot: boolean;
  readonly memoryMiB: number;
  readonly swapMiB: number;
  readonly hugePagesMiB?: number;
  /** Size of a huge page as PostgreSQL takes it, the kernel's default. */
  readonly hugePageKiB?: number;
  readonly cpus: number;
  /** Free space on /, in MiB. */
  readonly rootFreeMiB: number;
  readonly rootSizeMiB?: number;
  /** Host clock minus ours, in milliseconds: of all offsets that what was seen allows, the one nearest to zero. */
  readonly clockOffsetMs: number;
}
