//! What an edge must get over, as often as it is wanted: `./test` does it a little, `./test --all` at
//! length.

use std::{fs, path::Path, sync::Arc};

use gatefold_testkit::origins::{Content, Hostile, Lie, noise};
use rand_core::Rng;
use tokio::task::JoinSet;

use crate::{
    Result,
    edge::{Edge, SLICE, Setup},
    http::{End, Taken, sha256, take},
    process::{Vitals, eventually},
    subject::{Kind, Link, Subject},
};

/// Streams at one time.
const AT_ONCE: u64 = 25;
/// What memory may have grown by when all is over, besides what was there after the first streams:
/// an allocator does not give everything back at once.
const SLACK: u64 = 24 << 20;

/// Numbers that follow from a seed, so that a run that failed can be had again.
pub struct Dice(u64);

impl Dice {
    /// Numbers of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        // SplitMix64, which is made to wrap.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)).checked_rem(end).unwrap_or_default()
    }

    fn size_below(&mut self, end: usize) -> usize {
        let below = self.below(u64::try_from(end).unwrap_or(u64::MAX));
        usize::try_from(below).unwrap_or(0)
    }
}

/// Runs something that throws dice; when it fails, the error names the seed.
async fn seeded<F: Future<Output = Result>>(run: impl FnOnce(Dice) -> F) -> Result {
    let seed = gatefold_ops::system_random().next_u64();
    let done = run(Dice::of(seed)).await;
    done.map_err(|error| format!("seed {seed}: {error}").into())
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result {
    if holds {
        Ok(())
    } else {
        Err(otherwise().into())
    }
}

/// Clients leave in the middle of `streams` streams, after at most `most` bytes each; then the edge
/// holds what it held before, and serves as before.
///
/// # Errors
/// When a byte was wrong, or something was not given back.
pub async fn streams_killed_midway(streams: u64, most: usize) -> Result {
    seeded(|dice| kill_streams(dice, streams, most)).await
}

async fn kill_streams(mut dice: Dice, streams: u64, most: usize) -> Result {
    // More than fits into memory, so that the origin is asked all the time.
    let content = Content::new(noise("leaving", 24 << 20), "leaving");
    let host = Hostile::start(Lie::Honest.about(content.clone())).await?;
    let edge = Edge::start(&Setup {
        web: Some(host.address),
        ..Setup::default()
    })?;
    let subject = Arc::new(edge.subject(Kind::Web, Vec::new()));
    let link = subject.link("leaving.mp3")?;
    let warm_up = streams.checked_div(4).unwrap_or_default();
    kill_some(&mut dice, &subject, &link, &content, warm_up, most).await?;
    let before = settled(&edge, &host).await?;
    kill_some(&mut dice, &subject, &link, &content, streams, most).await?;
    as_before(&edge, &host, before).await?;
    let whole = subject.answer(link.get()).await?;
    ensure(whole.hash() == sha256(&content.bytes), || {
        "the whole is wrong afterwards".to_owned()
    })
}

/// Lets clients take some bytes from somewhere in the object and leave.
async fn kill_some(
    dice: &mut Dice,
    subject: &Arc<Subject>,
    link: &Link,
    content: &Content,
    streams: u64,
    most: usize,
) -> Result {
    let mut running = JoinSet::new();
    for number in 0..streams {
        if number >= AT_ONCE {
            running.join_next().await.unwrap_or(Ok(Ok(())))??;
        }
        let first = dice.size_below(content.bytes.len());
        let enough = dice.size_below(most);
        let asking = link.get_with("range", &format!("bytes={first}-"));
        let (address, expected) = (subject.address, content.bytes.slice(first..));
        running.spawn(async move {
            let taken = take(address, asking, enough).await?;
            let got = &taken.answer.body;
            ensure(expected.starts_with(got), || {
                format!("a wrong byte in {} from {first}", got.len())
            })?;
            ensure(taken.end != End::Broken, || "broken off".to_owned())
        });
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    Ok(())
}

/// Waits until no connection is open but those to the origin, which are kept for the next fetch;
/// gives what is held then besides these.
async fn settled(edge: &Edge, host: &Hostile) -> Result<Vitals> {
    eventually(|| {
        let mut now = edge.vitals()?;
        let kept = host.counts().open;
        ensure(now.connections <= kept, || format!("{now:?}, {kept} kept"))?;
        now.descriptors = now.descriptors.saturating_sub(now.connections);
        Ok(now)
    })
    .await
}

/// Holds what is held after many streams against what was held after a few.
async fn as_before(edge: &Edge, host: &Hostile, before: Vitals) -> Result {
    let after = settled(edge, host).await?;
    ensure(after.memory <= before.memory.saturating_add(SLACK), || {
        format!("memory grew: {before:?}, {after:?}")
    })?;
    // A thread for blocking work ends some seconds after its last, and a descriptor that is being
    // closed may be counted after its connection is none.
    eventually(|| {
        let now = edge.vitals()?;
        let others = now.descriptors.saturating_sub(now.connections);
        let grew = now.threads > before.threads || others > before.descriptors;
        ensure(!grew, || format!("grew: {before:?}, {now:?}"))
    })
    .await
}

/// How the hosts behave whose objects are asked for in turn, besides the honest one: everything that
/// does not wait for somebody's patience.
const LIES: [Lie; 22] = [
    Lie::EndsEarly,
    Lie::SendsTooMuch,
    Lie::ResetsMidway,
    Lie::HangsUp,
    Lie::ChangesAtEveryRequest,
    Lie::WholeForRange,
    Lie::OtherRange,
    Lie::OtherTotal,
    Lie::ShortRange,
    Lie::RangeWithoutName,
    Lie::GarbledRange,
    Lie::PageInstead,
    Lie::EndlessBody,
    Lie::EndlessChunks,
    Lie::EndlessHead,
    Lie::Compressed,
    Lie::RedirectsElsewhere,
    Lie::RedirectsInCircles,
    Lie::TwoLengths,
    Lie::GarbledLength,
    Lie::Fails,
    Lie::NotHttp,
];

/// What came of many streams.
#[derive(Clone, Copy, Debug, Default)]
pub struct Streamed {
    /// Bytes of bodies.
    pub bytes: u64,
    /// Answers that were whole and right.
    pub whole: u64,
    /// Answers that were broken off, and right as far as they went.
    pub broken: u64,
    /// Answers that said that there is nothing.
    pub refused: u64,
}

/// Streams `bytes` altogether through the command `gatefold edge`: an honest host's objects, four at
/// a time, and between them one of a host that lies, in every way. What the edge holds stays where it
/// was. Gives what came of it, in words.
///
/// # Errors
/// When a byte was wrong, or something was not given back.
pub async fn stream_much(bytes: u64) -> Result<String> {
    let content = Content::new(noise("much", 24 << 20), "much");
    let honest = Lie::Honest.about(content.clone());
    let lied_about = Content::new(noise("lied", 2 * SLICE + 777), "lied");
    let lies: Vec<_> = LIES
        .iter()
        .map(|lie| lie.about(lied_about.clone()))
        .collect();
    let host = Hostile::start(Arc::new(move |asked| {
        let number = asked.path.split('-').nth(1);
        let lie = number.and_then(|number| lies.get(number.parse::<usize>().ok()?));
        lie.unwrap_or(&honest)(asked)
    }))
    .await?;
    let edge = Edge::start(&Setup {
        web: Some(host.address),
        patience: "2s",
        ..Setup::default()
    })?;
    let subject = edge.subject(Kind::Web, Vec::new());
    let link = subject.link("much.mp3")?;
    let right = sha256(&content.bytes);
    let mut streamed = Streamed::default();
    let mut before = None;
    let mut round: u64 = 0;
    while streamed.bytes < bytes {
        let answers =
            [link.get(), link.get(), link.get(), link.get()].map(|asking| subject.answer(asking));
        let lie = round
            .checked_rem(LIES.len() as u64)
            .and_then(|lie| usize::try_from(lie).ok())
            .unwrap_or_default();
        // A name of its own each time: nothing is known of it.
        let lied = subject.link(&format!("lie-{lie}-{round}.mp3"))?;
        let lied = take(subject.address, lied.get(), 4 * SLICE);
        let (answers, lied) = tokio::try_join!(futures(answers), lied)?;
        for answer in answers {
            ensure(answer.hash() == right, || {
                format!("wrong after {streamed:?}")
            })?;
            streamed.bytes = streamed.bytes.saturating_add(answer.body.len() as u64);
            streamed.whole = streamed.whole.saturating_add(1);
        }
        let behaviour = LIES.get(lie).copied().unwrap_or(Lie::Honest);
        judge(behaviour, &lied_about, &lied, &mut streamed)
            .map_err(|error| format!("{behaviour:?} after {streamed:?}: {error}"))?;
        round = round.saturating_add(1);
        // Every lie has been told once: what there is to be allocated is.
        if before.is_none() && round >= LIES.len() as u64 {
            before = Some(settled(&edge, &host).await?);
        }
    }
    let before = before.ok_or("too few bytes for every lie to be told")?;
    as_before(&edge, &host, before).await?;
    for gauge in ["gatefold_edge_streams", "gatefold_edge_connections"] {
        edge.counted(gauge, 0).await?;
    }
    let after = settled(&edge, &host).await?;
    Ok(format!("{streamed:?}\nbefore {before:?}\nafter  {after:?}"))
}

/// Whether what came of a lie is right, or visibly nothing.
fn judge(lie: Lie, content: &Content, taken: &Taken, streamed: &mut Streamed) -> Result {
    let answer = &taken.answer;
    let got = answer.body.len();
    streamed.bytes = streamed.bytes.saturating_add(got as u64);
    if !answer.status.is_success() {
        streamed.refused = streamed.refused.saturating_add(1);
        let expected = [403, 404, 502].contains(&answer.status.as_u16());
        return ensure(expected, || format!("status {}", answer.status));
    }
    let is_page = lie == Lie::PageInstead;
    let right = match lie {
        // It is what the host has, and it is not passed off as music.
        Lie::PageInstead => answer.header("content-type") == "application/octet-stream",
        // One version of many, and nothing of another.
        Lie::ChangesAtEveryRequest => {
            let change = answer.body.first().zip(content.bytes.first());
            let change = change.map_or(0, |(is, was)| is.wrapping_sub(*was));
            let mut pairs = answer.body.iter().zip(&content.bytes);
            pairs.all(|(is, was)| is.wrapping_sub(*was) == change)
        }
        // Whatever it says without end is what it has.
        Lie::EndlessBody | Lie::EndlessChunks => {
            let known = content.bytes.len().min(got);
            answer.body.get(..known) == content.bytes.get(..known)
        }
        _ => content.bytes.starts_with(&answer.body),
    };
    ensure(right, || format!("a wrong byte in {got}"))?;
    let counter = match taken.end {
        End::Whole => {
            let whole = is_page || got == content.bytes.len();
            ensure(whole, || format!("{got} bytes pass for the whole"))?;
            &mut streamed.whole
        }
        End::Broken | End::Left => &mut streamed.broken,
    };
    *counter = counter.saturating_add(1);
    Ok(())
}

/// All of four at once.
async fn futures<T>(four: [impl Future<Output = Result<T>>; 4]) -> Result<[T; 4]> {
    let [a, b, c, d] = four;
    let (a, b, c, d) = tokio::try_join!(a, b, c, d)?;
    Ok([a, b, c, d])
}

/// What is on the disk of an edge that is killed and of one whose cache is damaged.
struct Kept {
    host: Hostile,
    edge: Edge,
    contents: Vec<Content>,
    cache: tempfile::TempDir,
}

impl Kept {
    /// An edge that keeps on disk what does not fit into its memory.
    async fn start() -> Result<Self> {
        let contents: Vec<_> = (0..6)
            .map(|number| {
                let name = format!("kept{number}");
                Content::new(noise(&name, 2 * SLICE + 777), &name)
            })
            .collect();
        let all = contents.clone();
        let host = Hostile::start(Arc::new(move |asked| {
            let number = asked.path.bytes().find(u8::is_ascii_digit);
            let number = usize::from(number.unwrap_or_default().saturating_sub(b'0'));
            let content = all.get(number).or(all.first());
            content.map_or_else(Vec::new, |content| content.answer(asked).steps())
        }))
        .await?;
        let cache = tempfile::tempdir()?;
        let edge = Edge::start(&Setup {
            web: Some(host.address),
            memory: "1 MiB",
            disk: Some((cache.path().to_owned(), "64 MiB")),
            ..Setup::default()
        })?;
        Ok(Self {
            host,
            edge,
            contents,
            cache,
        })
    }

    fn subject(&self) -> Subject {
        self.edge.subject(Kind::Web, Vec::new())
    }

    /// Asks for everything, several at a time.
    async fn all_is_right(&self) -> Result {
        let subject = Arc::new(self.subject());
        let mut running = JoinSet::new();
        for (number, content) in self.contents.iter().enumerate() {
            let (subject, right) = (Arc::clone(&subject), sha256(&content.bytes));
            running.spawn(async move {
                let link = subject.link(&format!("{number}.mp3"))?;
                let answer = subject.answer(link.get()).await?;
                let (status, len) = (answer.status, answer.body.len());
                ensure(answer.hash() == right, || {
                    format!("object {number} is wrong: {status}, {len} bytes")
                })
            });
        }
        while let Some(done) = running.join_next().await {
            done??;
        }
        Ok(())
    }
}

/// Kills an edge at random moments while it fills its cache, `rounds` times on the same folder;
/// whatever is served afterwards is right.
///
/// # Errors
/// When something is not.
pub async fn kill_while_it_fills(rounds: u32) -> Result {
    seeded(|dice| kill_rounds(dice, rounds)).await
}

async fn kill_rounds(mut dice: Dice, rounds: u32) -> Result {
    let mut kept = Kept::start().await?;
    for round in 0..rounds {
        // The cache has forgotten something, or is empty, so that there is something to write.
        for file in files(kept.cache.path())? {
            if dice.below(2) == 0 {
                fs::remove_file(file)?;
            }
        }
        let subject = kept.subject();
        let mut asking = JoinSet::new();
        for number in 0..kept.contents.len() {
            let link = subject.link(&format!("{number}.mp3"))?;
            let address = subject.address;
            asking.spawn(async move { take(address, link.get(), usize::MAX).await });
        }
        // So many bytes of the origin's later, whatever the edge is at.
        let before = kept.host.counts().bytes;
        let after = before.saturating_add(dice.below(3 << 20));
        let moment = kept.host.until(|counts| counts.bytes >= after);
        let finished = async { while asking.join_next().await.is_some() {} };
        tokio::select! {
            () = moment => {}
            () = finished => {}
        }
        kept.edge.kill_and_restart()?;
        let right = kept.all_is_right().await;
        right.map_err(|error| format!("round {round}: {error}"))?;
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Damages every file that an edge keeps, each in another way; whatever is served is right.
///
/// # Errors
/// When something is not.
pub async fn damage_what_is_kept() -> Result {
    let mut kept = Kept::start().await?;
    kept.all_is_right().await?;
    // Written behind the answers' backs: all of it, before it is looked at.
    let whole = kept.contents.len().saturating_mul(2);
    let large = || {
        let mut found = Vec::new();
        for file in files(kept.cache.path())? {
            if usize::try_from(fs::metadata(&file)?.len())? >= SLICE {
                found.push(file);
            }
        }
        ensure(found.len() >= whole, || format!("{} files", found.len()))?;
        Ok(found)
    };
    eventually(large).await?;
    let sent = kept.host.counts().bytes;
    kept.edge.kill_and_restart()?;
    kept.all_is_right().await?;
    let fetched = kept.host.counts().bytes.saturating_sub(sent);
    ensure(fetched < SLICE as u64, || {
        format!("{fetched} bytes were fetched although all were kept")
    })?;
    kept.edge.kill_and_restart()?;
    for (number, file) in files(kept.cache.path())?.into_iter().enumerate() {
        let mut bytes = fs::read(&file)?;
        let middle = bytes.len() / 2;
        match number.checked_rem(4) {
            Some(0) => bytes.truncate(middle),
            Some(1) => bytes
                .iter_mut()
                .skip(middle)
                .take(1)
                .for_each(|byte| *byte ^= 1),
            Some(2) => bytes.clear(),
            _ => bytes.iter_mut().for_each(|byte| *byte = 0),
        }
        fs::write(&file, bytes)?;
    }
    kept.all_is_right().await?;
    kept.edge.kill_and_restart()?;
    kept.all_is_right().await
}
