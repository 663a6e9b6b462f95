/** model/ec2/zone — what the name of a zone says: availability, local or wavelength. */

/** `us-west-2` of `us-west-2a`, `us-west-2-lax-1a` and `us-west-2-wl1-las-wlz-1`. */
export const regionOfZone = (zone: string): string =>
  /^[a-z]+(?:-[a-z]+)+-\d+/.exec(zone)?.[0] ?? zone.replace(/[a-z]$/, '');
