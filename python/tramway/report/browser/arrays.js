// Arrays of results: unpacked when they are looked at.
const kinds = { f4: Float32Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };
function bytesOf(base64) { return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)); }
function uncompressed(text) {
  return new Response(new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("gzip")));
}
async function unpack(packed) {
  const all = packed.raw ? bytesOf(packed.raw) : new Uint8Array(await uncompressed(packed.bytes).arrayBuffer());
  const arrays = {};
  let at = 0;
  for (const [name, kind, length] of packed.layout) {
    const size = Number(kind[1]);
    const flat = new Uint8Array(size * length);
    for (let plane = 0; plane < size; plane++)
      for (let i = 0; i < length; i++) flat[i * size + plane] = all[at++];
    const array = (arrays[name] = new kinds[kind](flat.buffer));
    if (kind === "u4") for (let i = 1; i < length; i++) array[i] += array[i - 1];
  }
  return arrays;
}
async function dataOf(result) {
  if (!result.arrays) {
    const arrays = await unpack(result.data);
    // Maps that are solved anew come without outlines, which are as they were.
    result.outlines = arrays.sides ? outlinesOf(arrays) : result.outlines;
    const { place, segment } = arrays.sides ? arrays : result.shape ?? {};
    result.shape = { place, segment };
    result.arrays = { ...arrays, ...result.shape };
  }
  return result.arrays;
}
function outlinesOf(arrays) {
  if (!arrays.sides) return null;
  const [x0, y0, width, height] = arrays.origin;
  const x = Array.from(arrays.x, (step) => x0 + (step / 65535) * width);
  const y = Array.from(arrays.y, (step) => y0 + (step / 65535) * height);
  const corners = [];
  let at = 0;
  for (const sides of arrays.sides) corners.push(arrays.corner.subarray(at, (at += sides)));
  return { corners, xs: corners.map((c) => Array.from(c, (i) => x[i])), ys: corners.map((c) => Array.from(c, (i) => y[i])), x, y };
}
