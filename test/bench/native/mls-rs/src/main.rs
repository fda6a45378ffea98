//! A member whose engine is mls-rs, with OpenSSL and its storage in memory. ../dialogue.rs says what it is asked.

#[path = "../../dialogue.rs"]
mod dialogue;

use dialogue::{Asked, Member, Result, Timed};
use mls_rs::client_builder::MlsConfig;
use mls_rs::group::ReceivedMessage;
use mls_rs::identity::basic::{BasicCredential, BasicIdentityProvider};
use mls_rs::identity::SigningIdentity;
use mls_rs::mls_rules::{CommitOptions, DefaultMlsRules, EncryptionOptions};
use mls_rs::client_builder::PaddingMode;
use mls_rs::{CipherSuite, CipherSuiteProvider, Client, CryptoProvider, Group, MlsMessage};
use mls_rs_crypto_openssl::OpensslCryptoProvider;

const SUITE: CipherSuite = CipherSuite::CURVE25519_AES128;

struct MlsRs<C: MlsConfig> {
    client: Client<C>,
    group: Option<Group<C>>,
}

fn client() -> Result<Client<impl MlsConfig>> {
    let crypto = OpensslCryptoProvider::default();
    let suite = crypto.cipher_suite_provider(SUITE).ok_or("no such suite")?;
    let (secret, public) = suite.signature_key_generate()?;
    let identity = SigningIdentity::new(BasicCredential::new(b"mls-rs".to_vec()).into_credential(), public);
    // Every commit with a path, and without the ratchet tree in a GroupInfo; handshakes as PrivateMessages.
    let commits = CommitOptions::new().with_path_required(true).with_ratchet_tree_extension(false);
    let rules = DefaultMlsRules::new()
        .with_commit_options(commits)
        .with_encryption_options(EncryptionOptions::new(true, PaddingMode::None));
    Ok(Client::builder()
        .identity_provider(BasicIdentityProvider)
        .crypto_provider(crypto)
        .mls_rules(rules)
        .signing_identity(identity, secret, SUITE)
        .build())
}

impl<C: MlsConfig> MlsRs<C> {
    fn group(&mut self) -> Result<&mut Group<C>> {
        self.group.as_mut().ok_or_else(|| "in no group".into())
    }
}

impl<C: MlsConfig> Member for MlsRs<C> {
    fn key_package(&mut self) -> Result<Vec<u8>> {
        let message = self.client.generate_key_package_message(Default::default(), Default::default(), None)?;
        Ok(message.to_bytes()?)
    }

    fn join(&mut self, welcome: &[u8], timed: &mut Timed) -> Result<()> {
        self.group = None;
        let client = &self.client;
        let group = timed.first(|| -> Result<Group<C>> {
            Ok(client.join_group(None, &MlsMessage::from_bytes(welcome)?, None)?.0)
        })?;
        self.group = Some(group);
        Ok(())
    }

    fn receive(&mut self, message: &[u8], timed: &mut Timed) -> Result<Vec<u8>> {
        let group = self.group()?;
        match timed.first(|| group.process_incoming_message(MlsMessage::from_bytes(message)?))? {
            ReceivedMessage::ApplicationMessage(message) => Ok(message.data().to_vec()),
            ReceivedMessage::Commit(_) => Ok(Vec::new()),
            _ => Err("neither a message nor a commit".into()),
        }
    }

    fn seal(&mut self, plaintext: &[u8], timed: &mut Timed) -> Result<Vec<u8>> {
        let group = self.group()?;
        timed.first(|| Ok(group.encrypt_application_message(plaintext, Vec::new())?.to_bytes()?))
    }

    fn commit(&mut self, timed: &mut Timed) -> Result<Vec<u8>> {
        let group = self.group()?;
        let commit = timed.first(|| group.commit(Vec::new())?.commit_message.to_bytes())?;
        timed.rest(|| group.apply_pending_commit())?;
        Ok(commit)
    }

    fn authenticator(&mut self) -> Result<Vec<u8>> {
        Ok(self.group()?.epoch_authenticator()?.to_vec())
    }
}

fn main() -> Result<()> {
    dialogue::answer(&mut MlsRs { client: client()?, group: None }, Asked::from_stdin())
}
