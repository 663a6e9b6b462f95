/** sim/freeze — values in the store never change; what is shared is shared safely. */

/** Freezes plain data all the way down. A part that is frozen already is taken as frozen whole. */
export function freezeDeep(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  if (Array.isArray(value)) for (const item of value) freezeDeep(item);
  else for (const key in value) freezeDeep((value as Record<string, unknown>)[key]);
}
