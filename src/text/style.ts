import { styleText } from "node:util";

/** Colours for people. Every function returns its text unchanged when colour is off. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly caution: Paint;
  readonly accent: Paint;
}

export type Paint = (text: string) => string;

export function styleFor(colour: boolean): Style {
  return colour ? COLOURED : PLAIN;
}

const plain: Paint = (text) => text;
const PLAIN: Style = { bold: plain, dim: plain, good: plain, bad: plain, caution: plain, accent: plain };

// Whether to colour was decided by the caller, so styleText is not to ask the stream again.
const paint =
  (format: Parameters<typeof styleText>[0]): Paint =>
  (text) =>
    text === "" ? "" : styleText(format, text, { validateStream: false });
const COLOURED: Style = {
  bold: paint("bold"),
  dim: paint("dim"),
  good: paint("green"),
  bad: paint("red"),
  caution: paint("yellow"),
  accent: paint("cyan"),
};
