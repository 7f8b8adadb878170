import { HAPROXY_PATHS } from "../../render/haproxy-cfg.ts";

/**
 * pgha's own HAProxy: its unit, files and socket have names of their own, beside whatever HAProxy the host runs (F53).
 */
export const HAPROXY_UNIT = "pgha-haproxy.service";
export const HAPROXY_CONFIG = HAPROXY_PATHS.config;
export const HAPROXY_SOCKET = HAPROXY_PATHS.socket;

/** The distribution's unit, masked when pgha installs the package; left alone where somebody had it before. */
export const DISTRIBUTION_UNIT = "haproxy.service";
