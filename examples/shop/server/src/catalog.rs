use std::collections::BTreeMap;
use std::time::SystemTime;

use rpcx::{Context, Result};
use shop_api::Page;
use shop_api::catalog::{Catalog, CatalogError, Category, NewProduct, Product};

use crate::Shop;
use crate::shop::{Article, State, next, page};

const LARGEST_PICTURE: usize = 1 << 20;

impl State {
    fn article(&mut self, id: u64) -> Result<&mut Article, CatalogError> {
        let found = self.products.get_mut(&id);
        found.ok_or(CatalogError::NoProduct { id })
    }

    fn page_of(&self, wanted: impl Fn(&Product) -> bool, wish: Page) -> Vec<Product> {
        let all = self.products.iter();
        let found = all.filter(|(_, article)| wanted(&article.product));
        page(found, wish)
            .map(|article| article.product.clone())
            .collect()
    }
}

impl Catalog for Shop {
    async fn product(&self, id: u64) -> Result<Product, CatalogError> {
        Ok(self.state().article(id)?.product.clone())
    }

    async fn products(&self, category: Option<Category>, page: Page) -> Result<Vec<Product>> {
        let wanted = |product: &Product| category.is_none_or(|one| one == product.category);
        Ok(self.state().page_of(wanted, page))
    }

    async fn search(&self, words: &[String], page: Page) -> Result<Vec<Product>> {
        let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let wanted = |product: &Product| {
            let name = product.name.to_lowercase();
            words.iter().all(|word| name.contains(word))
        };
        Ok(self.state().page_of(wanted, page))
    }

    async fn stock(&self, ids: &[u64]) -> Result<BTreeMap<u64, u32>> {
        let state = self.state();
        let known = ids
            .iter()
            .filter_map(|id| Some((*id, state.products.get(id)?.left)));
        Ok(known.collect())
    }

    async fn picture(&self, id: u64) -> Result<Vec<u8>, CatalogError> {
        Ok(self.state().article(id)?.picture.clone())
    }

    async fn viewed(&self, id: u64) -> Result<()> {
        if let Ok(article) = self.state().article(id) {
            article.views += 1;
        }
        Ok(())
    }

    async fn add(&self, _: &Context, product: NewProduct) -> Result<u64> {
        let mut state = self.state();
        let id = next(&state.products);
        let article = Article {
            product: Product {
                id,
                name: product.name,
                category: product.category,
                price: product.price,
                added_at: SystemTime::now(),
            },
            left: 0,
            picture: Vec::new(),
            views: 0,
        };
        state.products.insert(id, article);
        Ok(id)
    }

    async fn set_picture(&self, _: &Context, id: u64, picture: &[u8]) -> Result<(), CatalogError> {
        if picture.len() > LARGEST_PICTURE {
            let most = LARGEST_PICTURE as u64;
            return Err(CatalogError::TooLarge { most });
        }
        self.state().article(id)?.picture = picture.to_vec();
        Ok(())
    }

    async fn restock(&self, _: &Context, more: BTreeMap<u64, u32>) -> Result<(), CatalogError> {
        let mut state = self.state();
        // all of it or nothing
        if let Some(id) = more.keys().find(|id| !state.products.contains_key(id)) {
            return Err(CatalogError::NoProduct { id: *id });
        }
        for (id, more) in more {
            let left = &mut state.article(id)?.left;
            *left = left.saturating_add(more);
        }
        Ok(())
    }
}
