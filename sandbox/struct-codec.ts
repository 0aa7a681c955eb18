// google-protobuf copies the whole tree below a value whenever one is set, at every level again, which was half of a
// plugin's time. Its reader and writer are fine: here they go straight between bytes and plain values.
import type { BinaryReader, BinaryWriter } from "google-protobuf";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { isObject, type Fields } from "../system/fields.ts";
import { plainObject } from "./engine-values.ts";

/** The plain values of messages that were read or are to be written. */
const plainOf = new WeakMap<Struct, Fields>();

/** The members of Value (google/protobuf/struct.proto). */
const [NULL, NUMBER, TEXT, BOOLEAN, STRUCT, LIST] = [1, 2, 3, 4, 5, 6] as const;
/** What Struct, its entries and ListValue have: fields or values; in an entry the key and the value. */
const [FIRST, SECOND] = [1, 2] as const;

/** Reads a message that lies in another one. */
function inner<T>(reader: BinaryReader, read: (reader: BinaryReader) => T): T {
  const found: T[] = [];
  reader.readMessage(found, (_: T[], inside: BinaryReader) => {
    found.push(read(inside));
  });
  const [value] = found;
  return value as T;
}
/** Calls back at every field of the message in which the reader is. */
function everyField(reader: BinaryReader, read: (number: number) => void): void {
  while (reader.nextField() && !reader.isEndGroup()) read(reader.getFieldNumber());
}

function readValue(reader: BinaryReader): unknown {
  let value: unknown = null;
  everyField(reader, (number) => {
    if (number === NUMBER) value = reader.readDouble();
    else if (number === TEXT) value = reader.readString();
    else if (number === BOOLEAN) value = reader.readBool();
    else if (number === STRUCT) value = inner(reader, readStruct);
    else if (number === LIST) value = inner(reader, readList);
    else reader.skipField();
  });
  return value;
}
function readList(reader: BinaryReader): unknown[] {
  const values: unknown[] = [];
  everyField(reader, () => {
    values.push(inner(reader, readValue));
  });
  return values;
}
function readEntry(reader: BinaryReader): [string, unknown] {
  let [key, value]: [string, unknown] = ["", null];
  everyField(reader, (number) => {
    if (number === FIRST) key = reader.readString();
    else value = inner(reader, readValue);
  });
  return [key, value];
}
function readStruct(reader: BinaryReader): Fields {
  const entries: [string, unknown][] = [];
  everyField(reader, () => {
    entries.push(inner(reader, readEntry));
  });
  // The engine writes the entries of a map in any order; objects are compared as text in some places.
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

// The writer leaves out a message that is null: a value goes about in a box.
function writeValue([value]: readonly [unknown], writer: BinaryWriter): void {
  if (value === null) writer.writeEnum(NULL, 0);
  else if (typeof value === "number") writer.writeDouble(NUMBER, value);
  else if (typeof value === "string") writer.writeString(TEXT, value);
  else if (typeof value === "boolean") writer.writeBool(BOOLEAN, value);
  else if (Array.isArray(value)) writer.writeMessage(LIST, value, writeList);
  else if (isObject(value)) writer.writeMessage(STRUCT, value, writeStruct);
  else throw new TypeError(`A message for the engine cannot have a value of type ${typeof value}.`);
}
function writeList(values: readonly unknown[], writer: BinaryWriter): void {
  for (const value of values) writer.writeMessage(FIRST, [value] as const, writeValue);
}
function writeEntry([key, value]: readonly [string, unknown], writer: BinaryWriter): void {
  writer.writeString(FIRST, key);
  writer.writeMessage(SECOND, [value] as const, writeValue);
}
function writeStruct(value: Fields, writer: BinaryWriter): void {
  for (const entry of Object.entries(value)) writer.writeMessage(FIRST, entry, writeEntry);
}

// The generated messages look both functions up when they need them.
const writeMessage = structs.Struct.serializeBinaryToWriter.bind(structs.Struct);
structs.Struct.deserializeBinaryFromReader = (message, reader) => {
  plainOf.set(message, readStruct(reader));
  return message;
};
structs.Struct.serializeBinaryToWriter = (message, writer) => {
  const value = plainOf.get(message);
  if (value === undefined) writeMessage(message, writer);
  else writeStruct(value, writer);
};

/** The fields of a message of the engine, empty where there is none. */
export const fields = (message: Struct | undefined): Fields =>
  message === undefined ? {} : (plainOf.get(message) ?? message.toJavaScript());

/** The same without secret wrappers and nulls. */
export const plainFields = (message: Struct | undefined): Fields => plainObject(fields(message));

/**
 * The message for the engine that has these fields.
 *
 * @throws TypeError when it is serialized, where a value is neither null, number, text, boolean, list nor object.
 */
export function struct(value: Fields): Struct {
  const message = new structs.Struct();
  plainOf.set(message, value);
  return message;
}
