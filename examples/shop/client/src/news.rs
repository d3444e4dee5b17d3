use rpcx::Result;
use shop_api::news::News;
use shop_api::orders::Order;
use tokio::sync::mpsc::UnboundedSender;

/// Shows what the shop tells, line by line.
#[derive(Debug)]
pub struct Screen(pub UnboundedSender<String>);

impl Screen {
    fn show(&self, line: String) -> Result<()> {
        let closed = |_| rpcx::Error::service("the screen is closed");
        self.0.send(line).map_err(closed)
    }
}

impl News for Screen {
    async fn order_changed(&self, order: &Order) -> Result<()> {
        self.show(format!("order {} is {:?}", order.id, order.status))
    }

    async fn nearly_gone(&self, product: u64, left: u32) -> Result<()> {
        self.show(format!("only {left} left of product {product}"))
    }
}
