/** What commands that analyze a capture take where nothing else is asked for, as one would type it. */
export const DEFAULT_TIMES = { window: '10s', step: '1s', staleAfter: '30s' } as const;
