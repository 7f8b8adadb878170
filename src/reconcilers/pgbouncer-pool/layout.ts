/**
 * pgha's own PgBouncer: its unit has a name of its own, beside whatever else the host runs. Paths are in src/render.
 */
export const PGBOUNCER_UNIT = "pgha-pgbouncer.service";

/** The distribution's unit, masked when pgha installs the package; left alone where somebody had it before. */
export const DISTRIBUTION_UNIT = "pgbouncer.service";
