/** The models that redag is held against PyTorch with, as the `config.json` that both sides read. */
export type ShapeName = "t5-small" | "t5-base" | "bart-base" | "t5-large"

const t5 = (width: number, innerWidth: number, layers: number, heads: number) => ({
  model_type: "t5",
  vocab_size: 32128,
  d_model: width,
  d_kv: 64,
  d_ff: innerWidth,
  num_layers: layers,
  num_heads: heads,
  pad_token_id: 0,
  eos_token_id: 1,
  decoder_start_token_id: 0,
})

/** The fields of `config.json` by the model's name; what is not here is as in Hugging Face's classes, dropout of 0.1 too. */
export const SHAPES: Readonly<Record<ShapeName, Readonly<Record<string, unknown> & { readonly vocab_size: number }>>> =
  {
    "t5-small": t5(512, 2048, 6, 8),
    "t5-base": t5(768, 3072, 12, 12),
    "t5-large": t5(1024, 4096, 24, 16),
    "bart-base": {
      model_type: "bart",
      vocab_size: 50265,
      d_model: 768,
      encoder_layers: 6,
      decoder_layers: 6,
      encoder_attention_heads: 12,
      decoder_attention_heads: 12,
      encoder_ffn_dim: 3072,
      decoder_ffn_dim: 3072,
      max_position_embeddings: 1024,
      activation_function: "gelu",
      dropout: 0.1,
      pad_token_id: 1,
      bos_token_id: 0,
      eos_token_id: 2,
      decoder_start_token_id: 2,
    },
  }

/** What PyTorch is measured on as well. */
export const COMPARED = ["t5-small", "t5-base", "bart-base"] as const satisfies readonly ShapeName[]
