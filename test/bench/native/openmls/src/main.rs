//! A member whose engine is OpenMLS, with its Rust cryptography and its storage in memory. ../dialogue.rs says what it is asked.

#[path = "../../dialogue.rs"]
mod dialogue;

use dialogue::{Asked, Member, Result, Timed};
use openmls::prelude::{tls_codec::*, *};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;

const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

struct OpenMls {
    provider: OpenMlsRustCrypto,
    signer: SignatureKeyPair,
    credential: CredentialWithKey,
    config: MlsGroupJoinConfig,
    group: Option<MlsGroup>,
}

impl OpenMls {
    fn new() -> Result<Self> {
        let provider = OpenMlsRustCrypto::default();
        let signer = SignatureKeyPair::new(SUITE.signature_algorithm())?;
        signer.store(provider.storage())?;
        let credential = CredentialWithKey {
            credential: BasicCredential::new(b"openmls".to_vec()).into(),
            signature_key: signer.public().into(),
        };
        // Without a ratchet tree in every GroupInfo: a commit without new members makes none then.
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(false)
            .build();
        Ok(Self { provider, signer, credential, config, group: None })
    }

    fn group(&mut self) -> Result<&mut MlsGroup> {
        self.group.as_mut().ok_or_else(|| "in no group".into())
    }
}

fn read(mut bytes: &[u8]) -> Result<MlsMessageIn> {
    Ok(MlsMessageIn::tls_deserialize(&mut bytes)?)
}

impl Member for OpenMls {
    fn key_package(&mut self) -> Result<Vec<u8>> {
        let bundle = KeyPackage::builder().build(SUITE, &self.provider, &self.signer, self.credential.clone())?;
        Ok(MlsMessageOut::from(bundle.key_package().clone()).tls_serialize_detached()?)
    }

    fn join(&mut self, welcome: &[u8], timed: &mut Timed) -> Result<()> {
        if let Some(mut group) = self.group.take() {
            group.delete(self.provider.storage())?;
        }
        let group = timed.first(|| -> Result<MlsGroup> {
            let MlsMessageBodyIn::Welcome(welcome) = read(welcome)?.extract() else { return Err("no Welcome".into()) };
            let staged = StagedWelcome::new_from_welcome(&self.provider, &self.config, welcome, None)?;
            Ok(staged.into_group(&self.provider)?)
        })?;
        self.group = Some(group);
        Ok(())
    }

    fn receive(&mut self, message: &[u8], timed: &mut Timed) -> Result<Vec<u8>> {
        let Self { provider, group, .. } = self;
        let group = group.as_mut().ok_or("in no group")?;
        let content = timed.first(|| -> Result<ProcessedMessageContent> {
            let message = read(message)?.try_into_protocol_message()?;
            Ok(group.process_message(provider, message)?.into_content())
        })?;
        match content {
            ProcessedMessageContent::ApplicationMessage(message) => Ok(message.into_bytes()),
            ProcessedMessageContent::StagedCommitMessage(commit) => {
                timed.rest(|| group.merge_staged_commit(provider, *commit))?;
                Ok(Vec::new())
            }
            _ => Err("neither a message nor a commit".into()),
        }
    }

    fn seal(&mut self, plaintext: &[u8], timed: &mut Timed) -> Result<Vec<u8>> {
        let Self { provider, signer, group, .. } = self;
        let group = group.as_mut().ok_or("in no group")?;
        timed.first(|| Ok(group.create_message(provider, signer, plaintext)?.tls_serialize_detached()?))
    }

    fn commit(&mut self, timed: &mut Timed) -> Result<Vec<u8>> {
        let Self { provider, signer, group, .. } = self;
        let group = group.as_mut().ok_or("in no group")?;
        let commit = timed.first(|| -> Result<Vec<u8>> {
            let bundle = group.self_update(provider, signer, LeafNodeParameters::default())?;
            Ok(bundle.into_commit().tls_serialize_detached()?)
        })?;
        timed.rest(|| group.merge_pending_commit(provider))?;
        Ok(commit)
    }

    fn authenticator(&mut self) -> Result<Vec<u8>> {
        Ok(self.group()?.epoch_authenticator().as_slice().to_vec())
    }
}

fn main() -> Result<()> {
    dialogue::answer(&mut OpenMls::new()?, Asked::from_stdin())
}
