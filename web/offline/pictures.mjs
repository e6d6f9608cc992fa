// Makes of a chosen file what is kept: photographs become smaller JPEGs without their hidden data (place, device), other files stay as they are.

export const limits = { side: 1600, one: 10 * 1024 * 1024, all: 18 * 1024 * 1024 };

/** Kinds of files that the hall takes, by ending. */
const kinds = new Map([
  ["pdf", "application/pdf"], ["jpg", "image/jpeg"], ["jpeg", "image/jpeg"], ["png", "image/png"],
  ["docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ["xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"], ["ofd", "application/ofd"],
]);

export const accepted = [...kinds.keys()].map((ending) => `.${ending}`).join(",") + ",image/*";

/** Unfit says why a file cannot be kept; its code is the name of a message. */
export class Unfit extends Error {
  constructor(code) {
    super(code);
    this.name = "Unfit";
    this.code = code;
  }
}

const ending = (name) => name.split(".").pop().toLowerCase();

/** prepare returns {name, type, bytes}, or throws Unfit. used is how many bytes the draft holds already. */
export async function prepare(file, used, shrink = smaller) {
  if (file.size === 0) throw new Unfit("empty");
  let made = null;
  if (file.type.startsWith("image/")) made = await shrink(file).catch(() => null);
  if (!made) {
    const type = kinds.get(ending(file.name));
    if (!type) throw new Unfit("type");
    made = { name: file.name, type, bytes: await file.arrayBuffer() };
  }
  if (made.bytes.byteLength > limits.one) throw new Unfit("large");
  if (used + made.bytes.byteLength > limits.all) throw new Unfit("all");
  return made;
}

/** smaller draws a picture anew, at most so many points wide or high. */
async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, limits.side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // what is transparent in a PNG would become black
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82));
  return { name: file.name.replace(/\.[^.]*$/, "") + ".jpg", type: "image/jpeg", bytes: await blob.arrayBuffer() };
}
