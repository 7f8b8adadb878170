/** How long pgha has to come in again once something is live that may keep it out, in seconds. */
export const TRIAL_SECONDS = 30;
