/** Fingerprint of the key that signs apt.postgresql.org, https://www.postgresql.org/download/linux/debian/ . */
export const PGDG_KEY_FINGERPRINT = "B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8";

/** Where Debian's postgresql-common has it. */
export const PGDG_KEY = "/usr/share/postgresql-common/pgdg/apt.postgresql.org.asc";
