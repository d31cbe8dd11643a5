//! A real browser, without a window: what people see is looked at as they see it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::fresh;

/// What a plain browser says of itself.
pub(crate) const DESKTOP_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0 Safari/537.36";
/// What WeChat's browser says of itself.
pub(crate) const WECHAT_AGENT: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 MicroMessenger/8.0.50.2701";

/// How long a page may take to say what is waited for.
const PATIENCE: Duration = Duration::from_secs(40);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// So that no process outlives the test, and nothing is asked of a public network.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// A screen, in CSS pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Screen {
    /// The narrowest phone that pages are made for.
    pub(crate) const NARROW: Screen = Screen {
        width: 320,
        height: 568,
    };
    pub(crate) const PHONE: Screen = Screen {
        width: 390,
        height: 844,
    };
    pub(crate) const DESKTOP: Screen = Screen {
        width: 1280,
        height: 800,
    };
}

/// Driver and browser; both end with it.
pub(crate) struct Browser {
    driver: Child,
    page: Client,
    profile: PathBuf,
}

impl Browser {
    /// Starts a browser that calls itself `agent` and runs `script` before any of a page's own.
    pub(crate) async fn start(agent: &str, screen: Screen, script: Option<&str>) -> Browser {
        let mut driver = Command::new("chromedriver")
            .args(["--port=0", "--log-level=SEVERE"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver starts (Debian: chromium-driver; `make packages` installs it)");
        let port = port_of(&mut driver);
        let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(fresh("browser"));
        let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let wanted = json!({"goog:chromeOptions": {
            "args": arguments,
            "mobileEmulation": {
                "deviceMetrics": {"width": screen.width, "height": screen.height, "pixelRatio": 1.0},
                "userAgent": agent,
            },
        }});
        let Value::Object(wanted) = wanted else {
            unreachable!("it is written above")
        };
        let http = hyper_util::client::legacy::connect::HttpConnector::new();
        let page = ClientBuilder::new(http)
            .capabilities(wanted)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        if let Some(script) = script {
            page.issue_cmd(ScriptFirst(script.to_owned()))
                .await
                .unwrap();
        }
        Browser {
            driver,
            page,
            profile,
        }
    }

    pub(crate) async fn open(&self, url: &str) {
        self.page.goto(url).await.unwrap();
    }

    /// Whether an element is there and can be seen.
    pub(crate) async fn shows(&self, css: &str) -> bool {
        match self.page.find(Locator::Css(css)).await {
            Ok(element) => element.is_displayed().await.unwrap_or(false),
            Err(_) => false,
        }
    }

    /// The text of an element, empty if it is not there.
    pub(crate) async fn text(&self, css: &str) -> String {
        match self.page.find(Locator::Css(css)).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits, within bounds, until an element's text holds `part`.
    pub(crate) async fn wait_for_text(&self, css: &str, part: &str) {
        let begin = tokio::time::Instant::now();
        while begin.elapsed() < PATIENCE {
            if self.text(css).await.contains(part) {
                return;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        panic!("{css} says {:?}, not {part:?}", self.text(css).await);
    }

    /// Waits, within bounds, until the browser is at an address that begins so.
    pub(crate) async fn wait_for_address(&self, beginning: &str) {
        let begin = tokio::time::Instant::now();
        while begin.elapsed() < PATIENCE {
            let here = self.page.current_url().await.unwrap();
            if here.as_str().starts_with(beginning) {
                return;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        panic!("the browser is at {:?}", self.page.current_url().await);
    }

    pub(crate) async fn press(&self, css: &str) {
        let button = self.page.find(Locator::Css(css)).await.unwrap();
        button.click().await.unwrap();
    }

    /// What an expression of the page's own language gives.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        let script = format!("return {expression};");
        self.page.execute(&script, Vec::new()).await.unwrap()
    }

    /// Nothing reaches beyond the screen's width.
    pub(crate) async fn assert_fits(&self) {
        let wide = self.value("document.documentElement.scrollWidth").await;
        let screen = self.value("window.innerWidth").await;
        assert!(wide.as_f64() <= screen.as_f64(), "{wide} of {screen}");
    }

    /// What the code shows that stands in an element, read as a phone reads it.
    pub(crate) async fn code(&self, css: &str) -> String {
        let element = self.page.find(Locator::Css(css)).await.unwrap();
        let picture = element.screenshot().await.unwrap();
        read_code(&picture)
    }

    pub(crate) async fn stop(self) {
        let _ = self.page.clone().close().await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// A script of ours that runs before any of a page's own: Chromium's own command, which WebDriver
/// lacks.
#[derive(Debug)]
struct ScriptFirst(String);

impl WebDriverCompatibleCommand for ScriptFirst {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let command = json!({
            "cmd": "Page.addScriptToEvaluateOnNewDocument",
            "params": {"source": self.0},
        });
        (Method::POST, Some(command.to_string()))
    }
}

/// The port that the driver found for itself.
fn port_of(driver: &mut Child) -> u16 {
    let said = driver.stdout.take().unwrap();
    let port = BufReader::new(said).lines().find_map(|line| {
        let line = line.unwrap();
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    port.expect("chromedriver names its port")
}

fn read_code(picture: &[u8]) -> String {
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let samples = info.color_type.samples();
    let (width, height) = (
        usize::try_from(info.width).unwrap(),
        usize::try_from(info.height).unwrap(),
    );
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        pixels[y * info.line_size + x * samples]
    });
    let grids = image.detect_grids();
    let grid = grids.first().expect("a code is in the picture");
    grid.decode().unwrap().1
}
