import type { Services } from "../components/service.ts";
import {
  editStackFile,
  isSecretName,
  nearest,
  removeCommand,
  setCommand,
  settingKey,
  shown,
  together,
  type Fix,
  type Problem,
} from "./problems.ts";
import { currentKey } from "./service-list.ts";
import { schemaAt, valueAt, type SettingSchema } from "./setting-schema.ts";

type Path = readonly PropertyKey[];

/** The settings in which a key is unknown. */
export interface Surroundings {
  /** The schema of all sections, by their names. */
  readonly root: SettingSchema;
  /** The settings under `multi-client:`, as they stand in the stack file. */
  readonly raw: Readonly<Record<string, unknown>>;
  readonly services: Services;
}

/** The key that an unknown one probably stands for, at the same level. */
export function meantKey(path: Path, key: string, { root, raw, services }: Surroundings): string | undefined {
  const known = knownKeys(path, { root, raw });
  const now = currentKey(services, key);
  return now !== undefined && known.includes(now) ? now : nearest(key, known);
}

function knownKeys(path: Path, { root, raw }: Pick<Surroundings, "root" | "raw">): string[] {
  return Object.keys(schemaAt(root, path, raw)?.properties ?? {});
}

/**
 * The refusal of a key that the schema does not know: misspelt, at another level than its own, or flat.
 *
 * @param path of the group in which the key stands.
 * @param isHidden says that its value is not shown.
 */
export function unknownKeyProblem(
  path: Path,
  key: string,
  isHidden: boolean,
  settings: Surroundings,
): Problem {
  const { root, raw, services } = settings;
  const wrong = [...path, key];
  const value = valueAt(raw, wrong);
  const flat = flatPath(path, key, settings);
  const elsewhere = currentKey(services, key) === undefined ? otherPlaces(path, key, settings) : [];
  const close = meantKey(path, key, settings);
  const near = elsewhere.length > 0 || close === undefined ? elsewhere : [[...path, close]];
  const meant = flat === undefined ? near : [flat];
  const [place = []] = meant;
  const { blank, examples: [example] = [], contentMediaType } = schemaAt(root, place, raw) ?? {};
  const isSecret = isHidden || isSecretName(key) || (flat !== undefined && contentMediaType !== undefined);
  const isShort = !isSecret && typeof value !== "object" && shown(value) === JSON.stringify(value);
  const isEmpty = typeof value === "object" && Object.keys(value ?? {}).length === 0;
  const isFile = contentMediaType !== undefined && flat !== undefined;
  const names = meant.map((each) =>
    elsewhere.length > 0 || flat ? settingKey(each).replace("multi-client:", "") : String(each.at(-1)),
  );
  const fix = (): Fix => {
    // What stands there may be what was meant: it is lost with no fix, unless the right key is there as well.
    if (meant.length === 0 || isEmpty || valueAt(raw, place) !== undefined) return removeCommand(wrong);
    if (meant.length > 1 || place.includes(ANY) || !(isShort || isFile)) {
      const text = `write ${names.join(" or ")} instead of ${key}, if that is meant`;
      const levels = `write ${String(flat?.at(-1))} below ${settingKey(flat?.slice(0, -1) ?? [])}`;
      return editStackFile(wrong, flat === undefined ? text : levels);
    }
    // The engine hands over as text what stands at the top: 60 is "60" there.
    const isNumber = path.length === 0 && /^(true|false|-?\d{1,15})$/.test(String(value));
    const written = isNumber ? (JSON.parse(String(value)) as unknown) : value;
    return together(setCommand(place, isShort ? written : (blank ?? example)), removeCommand(wrong));
  };
  const question = names.length === 0 ? "" : `; did you mean ${names.join(" or ")}?`;
  return {
    key: settingKey(wrong),
    found: isHidden ? "an unknown key" : `an unknown key, set to ${isSecret ? "[not shown]" : shown(value)}`,
    expected:
      flat === undefined
        ? `one of ${knownKeys(path, settings).join(", ")}${question}`
        : `${names.join()} as keys below each other, which --path sets`,
    fix: fix(),
  };
}

/** The path that a key spells with dots, as `exposure.type`; undefined where the schema has no such setting. */
export function flatPath(
  path: Path,
  key: string,
  { root, raw }: Pick<Surroundings, "root" | "raw">,
): Path | undefined {
  const parts = key.split(/[.[\]"]+/).filter((part) => part !== "");
  if (parts.length < 2) return undefined;
  const whole = [...path, ...parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part))];
  return schemaAt(root, whole, raw) && whole;
}

/** Stands in a path for the name of any service. */
const ANY = "<service>";

/** The places of settings with the name of a key, in the nearest group around it that has any. */
function otherPlaces(path: Path, key: string, { root, raw }: Surroundings): Path[] {
  for (let length = path.length; length >= 0; length--) {
    const above = path.slice(0, length);
    const group = schemaAt(root, above, raw);
    const places = (group === undefined ? [] : placesBelow(group, key, valueAt(raw, above))).map((rest) => {
      const place = [...above, ...rest];
      const isOfAny = length < 2 && place.length > 2 && place[0] === "services";
      return isOfAny ? ["services", ANY, ...place.slice(2)] : place;
    });
    const once = new Map(places.map((place) => [place.join("."), place]));
    // What a service does not have, another one may: that is nothing to move it to.
    const ownService = path[0] === "services" && path.length > 1;
    const found = [...once.values()].filter((place) => !(ownService && place.includes(ANY)));
    if (found.length > 0) return found;
  }
  return [];
}

function placesBelow(group: SettingSchema, key: string, value: unknown): Path[] {
  const shape = schemaAt(group, [], value) ?? group;
  return (shape.oneOf ?? [shape]).flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([name, inner]): Path[] =>
      name === key
        ? [[name]]
        : placesBelow(inner, key, valueAt(value, [name])).map((rest) => [name, ...rest]),
    ),
  );
}
