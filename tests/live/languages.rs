//! What language a page is in.

use super::{answer::Answer, world::World};

/// The answer to a browser that likes these languages.
async fn read(world: &World, path: &str, liked: &str) -> Answer {
    let host = world.address;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Language: {liked}\r\nConnection: close\r\n\r\n");
    world.ask(&request).await.unwrap()
}

#[tokio::test]
async fn the_address_chooses_the_language_then_the_browser_then_english() {
    let world = World::with_gatherings().await;
    for (path, liked, lang, dir) in [
        ("/", "cy", "cy", "ltr"),
        ("/g/glasgow", "fr;q=0.2, pl-PL;q=0.8", "pl", "ltr"),
        ("/?lang=ur", "cy", "ur", "rtl"),
        ("/g/glasgow?quiet=1&lang=pt-BR", "cy", "pt", "ltr"),
        ("/display?lang=xx", "ar", "ar", "rtl"),
        ("/display/glasgow?lang=", "ja, *;q=0.1", "en", "ltr"),
        ("/?lang=%FF&lang=cy", "de", "cy", "ltr"),
        ("/g/nowhere?lang=cy", "", "cy", "ltr"),
        // The organiser's page has one language.
        ("/organise?lang=cy", "cy", "en", "ltr"),
    ] {
        let answer = read(&world, path, liked).await;
        let html = format!("<html lang=\"{lang}\" dir=\"{dir}\">");
        assert!(answer.body.contains(&html), "{path} {liked}: {}", answer.body);
        assert!(answer.head.contains(&format!("content-language: {lang}\r\n")), "{}", answer.head);
        assert!(
            answer.head.lines().any(|l| l.starts_with("vary: ") && l.contains("accept-language")),
            "{}",
            answer.head
        );
    }
}

#[tokio::test]
async fn a_page_brings_the_words_of_one_language_and_a_screen_of_all_it_was_asked_for() {
    let world = World::new().await;
    let spoken = |answer: &Answer| {
        let (_, first) = answer.body.split_once("id=\"first\">").unwrap();
        let (first, _) = first.split_once("</script>").unwrap();
        let first: serde_json::Value = serde_json::from_str(first).unwrap();
        let spoken = first["words"].as_array().unwrap().iter();
        spoken.map(|words| (words[0].as_str().unwrap().to_owned(), words[1]["now"].clone())).collect::<Vec<_>>()
    };
    let phone = read(&world, "/?lang=cy,en", "").await;
    assert_eq!(spoken(&phone), [("cy".to_owned(), "Nawr".into())]);
    let screen = read(&world, "/display?lang=cy,xx,en", "").await;
    assert_eq!(spoken(&screen), [("cy".to_owned(), "Nawr".into()), ("en".to_owned(), "Now".into())]);
}

#[tokio::test]
async fn a_page_leads_to_itself_in_every_language_by_its_own_name() {
    let world = World::new().await;
    let page = read(&world, "/?lang=pl", "").await.body;
    assert_eq!(page.matches("hreflang=").count(), 14);
    assert!(page.contains("<a href=\"?lang=cy\" lang=\"cy\" hreflang=\"cy\">Cymraeg</a>"), "{page}");
    assert!(page.contains("hreflang=\"pl\" aria-current=\"true\">Polski</a>"), "{page}");
}

#[tokio::test]
async fn what_is_in_the_page_itself_is_in_its_language_and_a_draft_says_that_it_is_one() {
    let world = World::new().await;
    world.does(&["moment", "set", "2027-02-20 13:00"]);
    let page = read(&world, "/", "cy").await.body;
    for words in
        ["Dydd Sadwrn, 20 Chwefror 2027, 13:00", "Mae’r dudalen hon yn cyfrif i lawr", "Drafft yw’r cyfieithiad"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let page = read(&world, "/", "en").await.body;
    assert!(page.contains("Saturday 20 February 2027, 13:00"), "{page}");
    assert!(page.contains("<p data-live=\"draft\"></p>"), "English is no translation: {page}");
    let missing = read(&world, "/nowhere", "de").await.body;
    assert!(missing.contains("Unter dieser Adresse gibt es nichts"), "{missing}");
    for page in [page, missing] {
        assert!(!page.contains("{{"), "{page}");
    }
}
