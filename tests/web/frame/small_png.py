"""Makes a picture of a page small: few colours, the densest packing. The browser counts colours."""

import base64
import struct
import zlib

from playwright.sync_api import Browser

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COUNT = """async ([source, most]) => {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const area = canvas.getContext("2d");
  area.drawImage(picture, 0, 0);
  const { data } = area.getImageData(0, 0, picture.width, picture.height);
  const points = new Uint32Array(data.buffer);
  const counts = new Map();
  for (const point of points) counts.set(point, (counts.get(point) ?? 0) + 1);
  const part = (point, bit) => (point >> bit) & 255;
  const far = (a, b) =>
    [0, 8, 16].reduce((sum, bit) => sum + (part(a, bit) - part(b, bit)) ** 2, 0);
  const often = [...counts].sort((a, b) => b[1] - a[1]).map(([point]) => point);
  // Whole surfaces first, then what differs to the eye: letters' edges would else take every place.
  const surfaces = often.filter((point) => counts.get(point) > points.length / 200);
  const palette = surfaces.slice(0, most / 2);
  for (const least of [900, 300, 80, 1]) {
    for (const point of often) {
      if (palette.length === most) break;
      if (palette.every((one) => far(one, point) >= least)) palette.push(point);
    }
  }
  const nearest = new Map(often.map((point) => {
    let best = 0;
    palette.forEach((one, index) => {
      if (far(one, point) < far(palette[best], point)) best = index;
    });
    return [point, best];
  }));
  const places = Uint8Array.from(points, (point) => nearest.get(point));
  let text = "";
  for (let at = 0; at < places.length; at += 32768) {
    text += String.fromCharCode(...places.subarray(at, at + 32768));
  }
  return [picture.width, picture.height, palette, btoa(text)];
}"""


class Press:
    """Presses pictures in a blank page of the browser that took them."""

    def __init__(self, browser: Browser) -> None:
        self._page = browser.new_page()

    def press(self, png: bytes, *, colours: int = 16) -> bytes:
        """Return the picture as a PNG of at most 16 ``colours``."""
        source = "data:image/png;base64," + base64.b64encode(png).decode()
        width, height, palette, places = self._page.evaluate(COUNT, [source, colours])
        return _written(width, height, palette, base64.b64decode(places))


def _written(width: int, height: int, palette: list[int], places: bytes) -> bytes:
    """Return the file: four bits a point, no filter, as flat colours pack best."""
    colours = b"".join(struct.pack("<I", point & 0xFFFFFFFF)[:3] for point in palette)
    rows = b"".join(
        b"\0" + _two_a_byte(places[start : start + width])
        for start in range(0, width * height, width)
    )
    header = struct.pack(">IIBBBBB", width, height, 4, 3, 0, 0, 0)
    packed = zlib.compress(rows, 9)
    return SIGNATURE + b"".join(
        _chunk(kind, content)
        for kind, content in (
            (b"IHDR", header),
            (b"PLTE", colours),
            (b"IDAT", packed),
            (b"IEND", b""),
        )
    )


def _two_a_byte(row: bytes) -> bytes:
    even = row if len(row) % 2 == 0 else row + b"\0"
    return bytes(high << 4 | low for high, low in zip(even[::2], even[1::2], strict=True))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )
