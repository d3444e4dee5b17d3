use shop_api::Page;
use shop_api::catalog::{Catalog, Category, Product};

/// All products of a category, page by page.
///
/// # Errors
/// What the network does.
pub async fn all_products(
    catalog: &impl Catalog,
    category: Category,
) -> rpcx::Result<Vec<Product>> {
    let mut all: Vec<Product> = Vec::new();
    loop {
        let after = all.last().map_or(0, |product| product.id);
        let page = Page { after, limit: 50 };
        let found = catalog.products(Some(category), page).await?;
        if found.is_empty() {
            return Ok(all);
        }
        all.extend(found);
    }
}
