/**
 * How every file that pgha renders begins, scripts below their first line; src/render writes it, and a file without it
 * is somebody else's.
 */
export const OWN_FILE = "^[#;] Written by pgha";
