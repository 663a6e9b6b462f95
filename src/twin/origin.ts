/** twin/origin — where and when a twin begins: the region its files name, the time of exports. */
import type { Inputs } from '../formats/index.ts';
import { InputError, type Note } from '../model/input-error.ts';
import { parseTimestamp } from '../model/time.ts';

/** `us-west-2a` → `us-west-2`. */
const ZONE = /\b([a-z]{2}(?:-[a-z]+)+-\d)[a-z]\b/;

/** The region the files name, the one asked for, or undefined. Throws when they disagree. */
export function regionOf(
  inputs: Inputs,
  asked: string | undefined,
  notes: Note[],
): string | undefined {
  const named = namedRegion(inputs);
  if (asked !== undefined && named !== undefined && asked !== named) {
    throw new InputError(
      `--region ${asked}`,
      `the files are of region ${named}`,
      'leave --region out',
    );
  }
  const template = inputs.templates[0];
  if (named === undefined && asked === undefined && template !== undefined) {
    const text = 'no region is named in the template; us-west-2 is taken (--region changes it)';
    notes.push({ where: template.file, text });
  }
  return named ?? asked;
}

function namedRegion({ clusterConfigs, aws, mark, templates }: Inputs): string | undefined {
  const config = clusterConfigs[0]?.spec.metadata?.region;
  const zone = [...aws.nouns['ec2/subnet'].values()][0]?.availabilityZone;
  const written = templates
    .flatMap((template) => [...template.resources.values()])
    .map(({ properties }) => ZONE.exec(String(properties.AvailabilityZone ?? ''))?.[1])
    .find((it) => it !== undefined);
  return mark?.region ?? config ?? (zone && ZONE.exec(zone)?.[1]) ?? written;
}

/** When the twin's clock begins: the time of an export, the latest time in one, else 0. */
export function startOf({ mark, aws, objects }: Inputs): number {
  if (mark !== undefined) return mark.atMs;
  let latest = 0;
  const see = (ms: number | undefined): void => {
    if (ms !== undefined && ms > latest) latest = ms;
  };
  for (const { object, exported } of objects) {
    if (!exported) continue;
    see(parseTimestamp(object.metadata.creationTimestamp ?? ''));
    const { lastTimestamp, status } = object as {
      lastTimestamp?: string;
      status?: { startTime?: string };
    };
    see(parseTimestamp(lastTimestamp ?? ''));
    see(parseTimestamp(status?.startTime ?? ''));
  }
  for (const instance of aws.nouns['ec2/instance'].values()) see(instance.launchedAtMs);
  for (const eni of aws.nouns['ec2/network-interface'].values()) see(eni.createdAtMs);
  return latest;
}
