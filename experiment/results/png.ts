import { createRequire } from "node:module"

/** An SVG drawing as a PNG of twice its size, with the fonts of a package, so that it is the same on every machine. */
export const pngOf = async (svg: string): Promise<Uint8Array> => {
  const { Resvg } = await import("@resvg/resvg-js")
  const resolve = createRequire(import.meta.url).resolve
  const image = new Resvg(svg, {
    fitTo: { mode: "zoom", value: 2 },
    font: {
      loadSystemFonts: false,
      fontFiles: ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => resolve(`dejavu-fonts-ttf/ttf/${name}`)),
      defaultFontFamily: "DejaVu Sans",
    },
  })
  return image.render().asPng()
}
