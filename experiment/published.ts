export { findModel as findPublished, models as published, publishedF1 } from "./models.ts"
