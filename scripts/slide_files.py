"""Slides for scripts: reads small uint16 TIFFs and writes tiled BigTIFFs, sparse ones too. Python's own library only."""
import html
import re
import struct
import zlib

TILE = 512


def read_slide(path):
    """Pages of a small little-endian uint16 TIFF without tiles, uncompressed or Deflate without predictor.

    Returns (width, height, planes as bytes, um_per_px, channel names)."""
    data = open(path, "rb").read()
    assert data[:4] == b"II*\0", f"{path}: only classic little-endian TIFFs are read here"
    planes, text, at = [], "", struct.unpack_from("<I", data, 4)[0]
    while at:
        tags = {}
        count = struct.unpack_from("<H", data, at)[0]
        for i in range(count):
            tag, kind, n = struct.unpack_from("<HHI", data, at + 2 + 12 * i)
            size, code = {1: (1, "B"), 2: (1, "s"), 3: (2, "H"), 4: (4, "I"), 5: (8, "Q")}[kind]
            place = at + 10 + 12 * i
            if size * n > 4:
                place = struct.unpack_from("<I", data, place)[0]
            tags[tag] = data[place:place + n] if code == "s" else struct.unpack_from(f"<{n}{code}", data, place)
        compression = tags.get(259, (1,))[0]
        assert tags[258] == (16,) and compression in (1, 8, 32946) and tags.get(317, (1,)) == (1,), f"{path}: not read here"
        strips = [data[o:o + n] for o, n in zip(tags[273], tags[279])]
        planes.append(b"".join(strips if compression == 1 else [zlib.decompress(s) for s in strips]))
        width, height = tags[256][0], tags[257][0]
        text = text or tags.get(270, b"").decode()
        at = struct.unpack_from("<I", data, at + 2 + 12 * count)[0]
    size = re.search(r'PhysicalSizeX="([^"]+)"', text)
    names = [html.unescape(n) for n in re.findall(r'<Channel [^>]*?Name="([^"]*)"', text)]
    return width, height, planes, float(size.group(1)) if size else None, names


class TiledSlide:
    """A BigTIFF of uncompressed tiles in which every tile has a place of its own. What is never put stays a hole of the
    file and reads as zeros."""

    def __init__(self, path, width, height, names, um_per_px):
        self.width, self.height = width, height
        self.across, down = -(-width // TILE), -(-height // TILE)
        self.tiles, self.tile_bytes, self.bands = self.across * down, TILE * TILE * 2, len(names)
        tiles, bands = self.tiles, self.bands
        channels = "".join(f'<Channel ID="Channel:0:{i}" SamplesPerPixel="1" Name="{html.escape(n)}"/>' for i, n in enumerate(names))
        data = "".join(f'<TiffData FirstC="{i}" IFD="{i}" PlaneCount="1"/>' for i in range(bands))
        self.xml = ('<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
               f'<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" SizeX="{width}" SizeY="{height}" '
               f'SizeC="{bands}" SizeZ="1" SizeT="1" PhysicalSizeX="{um_per_px}" PhysicalSizeXUnit="&#181;m" '
               f'PhysicalSizeY="{um_per_px}" PhysicalSizeYUnit="&#181;m">{channels}{data}</Pixels></Image></OME>').encode() + b"\0"
        self.file = open(path, "wb+")
        self.file.write(struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16))
        # Directories and their tables first, then the tiles, band after band.
        self.block = 8 + 20 * 12 + 8 + 2 * 8 * tiles
        self.first_tile = -(-(16 + bands * self.block + len(self.xml)) // 4096) * 4096
        self.begin_tiles()

    def begin_tiles(self):
        self.first_of = [self.first_tile + b * self.tiles * self.tile_bytes for b in range(self.bands)]
        places = [[first + t * self.tile_bytes for t in range(self.tiles)] for first in self.first_of]
        self.write_directories(1, places, [[self.tile_bytes] * self.tiles] * self.bands)
        self.file.truncate(self.first_tile + self.bands * self.tiles * self.tile_bytes)

    def write_directories(self, compression, places, sizes):
        """@param places, sizes  of each tile of each band, in bytes"""
        at, block, tiles, table, bands, xml = 16, self.block, self.tiles, 8 * self.tiles, self.bands, self.xml
        width, height = self.width, self.height
        for band in range(bands):
            start = at + band * block
            offsets, counts = start + block - 2 * table, start + block - table
            description = at + bands * block
            fields = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 16), (259, 3, 1, compression), (262, 3, 1, 1)]
            fields += [(270, 2, len(xml), description)] if band == 0 else []
            fields += [(277, 3, 1, 1), (322, 3, 1, TILE), (323, 3, 1, TILE), (324, 16, tiles, offsets), (325, 16, tiles, counts),
                       (339, 3, 1, 1)]
            self.file.seek(start)
            self.file.write(struct.pack("<Q", len(fields)))
            for tag, kind, n, value in fields:
                if tiles == 1 and tag in (324, 325):
                    value = places[band][0] if tag == 324 else sizes[band][0]
                self.file.write(struct.pack("<HHQQ", tag, kind, n, value))
            self.file.write(struct.pack("<Q", start + block if band + 1 < bands else 0))
            self.file.seek(offsets)
            self.file.write(struct.pack(f"<{tiles}Q", *places[band]))
            self.file.write(struct.pack(f"<{tiles}Q", *sizes[band]))
        self.file.seek(at + bands * block)
        self.file.write(xml)

    def put_row(self, band, x, y, pixels):
        """Little-endian uint16 pixels from (x, y) to the right; what lies outside is left out."""
        if not 0 <= y < self.height:
            return
        skip = max(0, -x)
        x, pixels = x + skip, pixels[2 * skip:2 * (skip + max(0, self.width - x - skip))]
        while pixels:
            room = TILE - x % TILE
            self.put_part(band, y // TILE * self.across + x // TILE, (y % TILE * TILE + x % TILE) * 2, pixels[:2 * room])
            x, pixels = x + room, pixels[2 * room:]

    def put_part(self, band, tile, at, pixels):
        self.file.seek(self.first_of[band] + tile * self.tile_bytes + at)
        self.file.write(pixels)

    def put(self, band, x, y, width, plane):
        """A picture of `width` pixels with its first pixel at (x, y)."""
        for row in range(len(plane) // (2 * width)):
            self.put_row(band, x, y + row, plane[2 * width * row:2 * width * (row + 1)])

    def close(self):
        self.file.close()


class PackedSlide(TiledSlide):
    """The same with Deflate: a tile that nothing was put in takes half a kilobyte, and the file has no holes."""

    def begin_tiles(self):
        self.painted = {}

    def put_part(self, band, tile, at, pixels):
        self.painted.setdefault((band, tile), bytearray(self.tile_bytes))[at:at + len(pixels)] = pixels

    def close(self):
        nothing = zlib.compress(bytes(self.tile_bytes), 9)
        places, sizes, at = [], [], self.first_tile
        self.file.seek(at)
        for band in range(self.bands):
            places.append([])
            sizes.append([])
            for tile in range(self.tiles):
                painted = self.painted.get((band, tile))
                data = zlib.compress(bytes(painted), 6) if painted else nothing
                self.file.write(data)
                places[band].append(at)
                sizes[band].append(len(data))
                at += len(data)
        self.write_directories(8, places, sizes)
        super().close()


def write_mosaic(source, path, width, height):
    """A slide of any size made of copies of a small one, side by side."""
    w, h, planes, um_per_px, names = read_slide(source)
    slide = TiledSlide(path, width, height, names, um_per_px)
    for band, plane in enumerate(planes):
        rows = [plane[2 * w * y:2 * w * (y + 1)] * (-(-width // w)) for y in range(h)]
        for y in range(height):
            slide.put_row(band, 0, y, rows[y % h])
    slide.close()
