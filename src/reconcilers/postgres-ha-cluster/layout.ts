/** Where things are on a member. Debian's patroni package decides the first two. */
export const PATRONI_UNIT = "patroni.service";
export const PATRONI_CONFIG = "/etc/patroni/config.yml";

/**
 * The distribution's own umbrella over clusters made by pg_createcluster: in our way, whatever it would start (F38).
 */
export const DISTRIBUTION_UNIT = "postgresql.service";
