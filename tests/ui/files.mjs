// Files as a clerk or an attacker would hand them over, made here byte by byte.
import { crc32, inflateRawSync } from "node:zlib";

/** The encoder that Node lacks: GB18030 in its two-byte part, read backwards from the decoder. */
export function gb18030(text) {
  const decoder = new TextDecoder("gb18030");
  const bytesOf = new Map();
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      if (trail === 0x7f) continue;
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if ([...character].length === 1 && !bytesOf.has(character)) bytesOf.set(character, [lead, trail]);
    }
  }
  return Buffer.from(
    [...text].flatMap((character) => {
      if (character.charCodeAt(0) < 0x80) return [character.charCodeAt(0)];
      const bytes = bytesOf.get(character);
      if (!bytes) throw new Error(`no two bytes for ${character}`);
      return bytes;
    }),
  );
}

/** A zip archive whose entries are stored as they are. */
export function zip(entries) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, text] of Object.entries(entries)) {
    const path = Buffer.from(name);
    const body = Buffer.from(text);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(path.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, place, path);
    const local = [Buffer.from("PK\x03\x04", "latin1"), common, path, body];
    parts.push(...local);
    offset += local.reduce((sum, part) => sum + part.length, 0);
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(Object.keys(entries).length, 8);
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, list, end]);
}

/** The entries of a zip archive, as text. */
function unzip(bytes) {
  const entries = {};
  const end = bytes.lastIndexOf("PK\x05\x06", undefined, "latin1");
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [size, path, extra, note] = [20, 28, 30, 32].map((place) =>
      place === 20 ? bytes.readUInt32LE(at + place) : bytes.readUInt16LE(at + place),
    );
    const local = bytes.readUInt32LE(at + 42);
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const body = bytes.subarray(from, from + size);
    const name = bytes.toString("utf8", at + 46, at + 46 + path);
    entries[name] = (bytes.readUInt16LE(at + 10) === 8 ? inflateRawSync(body) : body).toString("utf8");
    at += 46 + path + extra + note;
  }
  return entries;
}

/** A template of ours with rows filled in below its titles, as a spreadsheet program saves them. */
export function filledIn(template, rows) {
  const entries = unzip(template);
  const sheet = "xl/worksheets/sheet1.xml";
  const cells = (texts, number) =>
    texts
      .map((text, place) => [text, String.fromCharCode(65 + place) + number])
      .filter(([text]) => text !== "")
      .map(([text, place]) => `<c r="${place}" t="inlineStr"><is><t>${text}</t></is></c>`)
      .join("");
  const added = rows.map((texts, place) => `<row r="${place + 2}">${cells(texts, place + 2)}</row>`).join("");
  entries[sheet] = entries[sheet].replace("</sheetData>", `${added}</sheetData>`);
  return zip(entries);
}

const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const relations = "http://schemas.openxmlformats.org/package/2006/relationships";
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const types = "http://schemas.openxmlformats.org/package/2006/content-types";
const kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/** A workbook of one kilobyte that claims 17 billion cells: only its first and its very last one are there. */
export const corners = () =>
  zip({
    "[Content_Types].xml": `<Types xmlns="${types}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${kind}.worksheet+xml"/></Types>`,
    "_rels/.rels": `<Relationships xmlns="${relations}"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${relations}"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    "xl/worksheets/sheet1.xml": `<worksheet xmlns="${main}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>`,
  });
