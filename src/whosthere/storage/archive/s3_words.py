"""What S3 and the way to it complain of, in words. Never an address or a key: both may be secret.

Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from typing import Any

from whosthere.core.errors import ArchiveTrouble

KEY = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or archive.key_file"
CODES = {
    "InvalidAccessKeyId": f"it does not know the access key. It may have been revoked. {KEY}",
    "SignatureDoesNotMatch": f"the secret does not fit the access key. {KEY}",
    "ExpiredToken": "the access key is no longer valid. Make a new one",
    "InvalidToken": "the session token is not valid. Make a new one",
    "AccountProblem": "there is something wrong with the account. Look into its console",
    "NoSuchBucket": "there is no such bucket. Make it, or correct archive.bucket",
    "PermanentRedirect": "the bucket is in another region. Set archive.region",
    "AuthorizationHeaderMalformed": "the bucket is in another region. Set archive.region",
    "IllegalLocationConstraintException": "the bucket is in another region. Set archive.region",
    "RequestTimeTooSkewed": "the clock of this machine is wrong. Set it",
    "QuotaExceeded": "the bucket is full. Make room, or raise its quota",
    "EntityTooLarge": "it takes no files so large",
    "InvalidObjectState": "the copy lies in cold storage. Let the service bring it back first",
    "BadDigest": "what arrived is not what was sent",
    "InvalidDigest": "what arrived is not what was sent",
    "SlowDown": "it has too much to do",
    "ServiceUnavailable": "it has too much to do",
    "InternalError": "it has trouble of its own",
    "RequestTimeout": "the line was too slow",
    "NotImplemented": "it does not know what was asked of it",
}
BY_STATUS = {301: "PermanentRedirect", 500: "InternalError", 503: "SlowDown"}
DENIED = ("AccessDenied", "AllAccessDisabled", "403", "Forbidden", "UnauthorizedAccess")


def code_of(error: Any) -> str:  # noqa: ANN401 - botocore has no types
    """Name a refusal; answers to HEAD have no text, so their number must do."""
    answer = error.response
    code = str(answer.get("Error", {}).get("Code", ""))
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return BY_STATUS.get(status, code) if code.isdigit() or not code else code


def refusal(error: Any, bucket: str, action: str) -> ArchiveTrouble:  # noqa: ANN401 - so here
    """Word what the service answered."""
    code = code_of(error)
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    wait = headers.get("retry-after", "")
    wait_seconds = float(wait) if wait.isdigit() else None
    if code in DENIED:
        told = f"the key may not do {action}. Give it that right, or another key"
    else:
        told = CODES.get(code, f"it answered '{code}' to {action}")
    return ArchiveTrouble(f"Bucket {bucket}: {told}.", wait_seconds=wait_seconds)


CONNECTION = {  # by the name of botocore's class, or of one that it is made from
    "NoCredentialsError": f"there is no key. {KEY}",
    "PartialCredentialsError": f"half of the key is missing. {KEY}",
    "ProfileNotFound": "there is no such profile in ~/.aws. Correct archive.profile",
    "NoRegionError": "no region is named. Set archive.region",
    "InvalidRegionError": "that is no region. Correct archive.region",
    "SSLError": "its certificate cannot be trusted. See whether archive.endpoint is right",
    "ConnectTimeoutError": "it does not answer. See whether the line and archive.endpoint are"
    " right",
    "ReadTimeoutError": "it fell silent",
    "ConnectionClosedError": "the connection was cut",
    "EndpointConnectionError": "it cannot be reached. See whether the line and archive.endpoint"
    " are right",
    "HTTPClientError": "the connection was cut",
    "IncompleteReadError": "the connection was cut",
    "ResponseStreamingError": "the connection was cut",
}


def no_answer(error: Exception, bucket: str) -> ArchiveTrouble:
    """Word what kept us from hearing an answer."""
    names = [one.__name__ for one in type(error).__mro__]
    told = next((CONNECTION[name] for name in names if name in CONNECTION), None)
    return ArchiveTrouble(f"Bucket {bucket}: {told or f'trouble on the way ({names[0]})'}.")
