"""A CloudFormation template that puts an HTTP address in front of an endpoint. Pure.

An HTTP API (API Gateway) with throttling calls a Lambda function, whose role may invoke this very
endpoint and nothing else. Plain CloudFormation, so `aws cloudformation deploy` and `sam deploy`
both take it.
"""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence

from endpoints.snippets import Call

NAMED = 500  # columns that are listed in full

_HANDLER = '''\
import base64
import json
import os$imports

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CONTENT_TYPE = $content_type
ACCEPT = $accept
$facts
# API Gateway gives up after 30 s: the model is asked once, and for less than that.
config = Config(connect_timeout=3, read_timeout=24, retries={"total_max_attempts": 1})
runtime = boto3.client("sagemaker-runtime", config=config)


def handler(event, context):
    """$about"""
    try:
        body = body_of(text_of(event))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return answer(400, {"error": str(error)})
    try:
        response = runtime.invoke_endpoint(
            EndpointName=os.environ["ENDPOINT_NAME"],
            ContentType=CONTENT_TYPE,
            Accept=ACCEPT,$component
            Body=body,
        )
        text = response["Body"].read().decode()
    except ClientError as error:
        print(error)  # into the function's log; the caller learns no more than the kind
        return answer(*REFUSALS.get(error.response["Error"]["Code"], UNAVAILABLE))
    except BotoCoreError as error:
        print(error)
        return answer(*UNAVAILABLE)
    return answer(200, {"predictions": read(text)})


UNAVAILABLE = 502, {"error": "The model does not answer."}
REFUSALS = {
    "ModelError": (422, {"error": "The model could not answer this."}),
    "ThrottlingException": (429, {"error": "Too many requests; try again later."}),
}


def answer(status, document):
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(document)}


def text_of(event):
    text = event.get("body") or ""
    return base64.b64decode(text).decode() if event.get("isBase64Encoded") else text


$body_of

$read'''

_ROWS = '''\
def rows_of(text):
    """The rows of {"rows": [[...], ...]}, each as wide as the model."""
    rows = json.loads(text)["rows"]
    if not rows:
        raise ValueError("there is no row")
    for number, row in enumerate(rows, 1):
        if len(row) != WIDTH:
            raise ValueError(f"row {number} has {len(row)} values, the model reads {WIDTH}")
    return [["" if cell is None else float(cell) for cell in row] for row in rows]


'''
_BODIES = {
    "csv": _ROWS
    + """\
def body_of(text):
    return "\\n".join(",".join(map(str, row)) for row in rows_of(text))
""",
    "features": _ROWS
    + """\
def body_of(text):
    return json.dumps({"instances": [{"features": row} for row in rows_of(text)]})
""",
    "texts": """\
def body_of(text):
    texts = json.loads(text)["texts"]
    if not texts or not all(isinstance(one, str) for one in texts):
        raise ValueError("texts is a list of texts")
    sentences = [" ".join(TOKEN.findall($text)) for one in texts]  # as training had them
    return json.dumps({"instances": sentences, "configuration": {"k": 3}})
""",
    "raw": """\
def body_of(text):
    if not text:
        raise ValueError("there is no body")
    return text
""",
}
_ABOUT = {
    "csv": 'Answer {"rows": [[number, ...], ...]} with a prediction a row.',
    "features": 'Answer {"rows": [[number, ...], ...]} with a prediction a row.',
    "texts": 'Answer {"texts": ["...", ...]} with a prediction a text.',
    "raw": "Pass the body to the model as it is, and its answer back.",
}


def handler(
    call: Call, way: str, features: Sequence[str] = (), *, token: str = "", lower: bool = True
) -> str:
    """The function's source. `way` is csv, features, texts or raw: what becomes of a request.

    `features` are the columns that the model reads, in order; of texts `token` is the pattern of a
    word, and `lower` whether training had them in lower case.
    """
    facts = ""
    if way in ("csv", "features"):
        named = [ascii(name) for name in features[:NAMED]]
        more = [f"and {len(features) - NAMED} more"] if len(features) > NAMED else []
        columns = textwrap.wrap(", ".join(named + more), 90, break_long_words=False)
        facts = "\n".join([f"WIDTH = {len(features)}", *(f"#   {line}" for line in columns), ""])
    elif way == "texts":
        facts = f"TOKEN = re.compile({token!a})\n"
    body_of = _filled(_BODIES[way], {"text": "one.lower()" if lower else "one"})
    return _filled(
        _HANDLER,
        {
            "imports": "\nimport re" if way == "texts" else "",
            "content_type": ascii(call.content_type),
            "accept": ascii(call.accept),
            "facts": facts,
            "component": f"\n            InferenceComponentName={call.component!r},"
            if call.component
            else "",
            "about": _ABOUT[way],
            "body_of": body_of,
            "read": call.decoder.source,
        },
    )


def question(way: str, cells: Sequence[str], body: str) -> str:
    """A request that the handler answers: one row of `cells`, or `body` as it is."""
    if way == "texts":
        return json.dumps({"texts": list(cells)})
    if way == "raw":
        return body
    return json.dumps({"rows": [[float(cell) if cell else None for cell in cells]]})


def template(call: Call, source: str) -> str:
    """The whole template, with `source` as the function's code."""
    return _filled(
        _TEMPLATE,
        {
            "name": call.name,
            "region": call.region,
            "arn_name": call.name.lower(),  # as SageMaker writes it into ARNs
            "component_statement": _may_ask_component(call.component) if call.component else "",
            "code": textwrap.indent(source, " " * 10),
        },
    )


def _may_ask_component(name: str) -> str:
    return f"""\
              - Effect: Allow
                Action: sagemaker:InvokeEndpoint
                Resource: !Sub
                  - arn:${{AWS::Partition}}:sagemaker:${{AWS::Region}}:${{AWS::AccountId}}:${{One}}
                  - One: inference-component/{name}
"""


def _filled(text: str, values: Mapping[str, str]) -> str:
    """`$name` by its value, in one go: a value may hold a `$` of its own."""
    return re.sub(r"\$([a-z_]+)\b", lambda found: values.get(found[1], found[0]), text)


_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: An HTTP API in front of the SageMaker endpoint $name.

# aws cloudformation deploy --region $region --template-file $name-api.yaml \\
#   --stack-name $name-api --capabilities CAPABILITY_IAM

Parameters:
  Authorization:
    Type: String
    Default: AWS_IAM
    AllowedValues: [AWS_IAM, JWT, NONE]
    Description: >-
      Who may call. AWS_IAM: requests signed by somebody whose policy allows execute-api:Invoke.
      JWT: the tokens of one issuer. NONE: anybody on the internet, at your cost.
  JwtIssuer:
    Type: String
    Default: ""
    Description: For JWT, the issuer's address, such as https://cognito-idp.REGION.amazonaws.com/POOL
  JwtAudience:
    Type: String
    Default: ""
    Description: For JWT, the audience (client id) that a token must name.
  RequestsPerSecond:
    Type: Number
    Default: 10
    MinValue: 1
    Description: More are refused with 429, over time.
  Burst:
    Type: Number
    Default: 20
    MinValue: 1
    Description: Requests at once before the rate counts.
  AllowedOrigin:
    Type: String
    Default: ""
    Description: The web page's origin that may call from a browser (CORS), such as https://example.com

Rules:
  JwtNeedsItsIssuer:
    RuleCondition: !Equals [!Ref Authorization, JWT]
    Assertions:
      - Assert: !Not [!Equals [!Ref JwtIssuer, ""]]
        AssertDescription: With JWT, name the issuer.
      - Assert: !Not [!Equals [!Ref JwtAudience, ""]]
        AssertDescription: With JWT, name the audience.

Conditions:
  HasJwt: !Equals [!Ref Authorization, JWT]
  HasOrigin: !Not [!Equals [!Ref AllowedOrigin, ""]]

Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: ask-the-endpoint
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: sagemaker:InvokeEndpoint
                Resource: !Sub
                  - arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:endpoint/${One}
                  - One: $arn_name
$component_statement        - PolicyName: write-the-log
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [logs:CreateLogStream, logs:PutLogEvents]
                Resource: !Sub "${Log.Arn}"

  Log:
    Type: AWS::Logs::LogGroup
    UpdateReplacePolicy: Delete
    DeletionPolicy: Delete
    Properties:
      RetentionInDays: 30

  Function:
    Type: AWS::Lambda::Function
    Properties:
      Description: Asks the SageMaker endpoint $name.
      Runtime: python3.13
      Architectures: [arm64]
      Handler: index.handler
      MemorySize: 256
      Timeout: 30
      Role: !GetAtt Role.Arn
      LoggingConfig: {LogGroup: !Ref Log}
      Environment:
        Variables:
          ENDPOINT_NAME: $name
      Code:
        ZipFile: |
$code
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: !Sub "${AWS::StackName}"
      Description: Asks the SageMaker endpoint $name.
      ProtocolType: HTTP
      CorsConfiguration: !If
        - HasOrigin
        - AllowOrigins: [!Ref AllowedOrigin]
          AllowMethods: [POST]
          AllowHeaders: [authorization, content-type]
        - !Ref AWS::NoValue

  Authorizer:
    Type: AWS::ApiGatewayV2::Authorizer
    Condition: HasJwt
    Properties:
      ApiId: !Ref Api
      Name: jwt
      AuthorizerType: JWT
      IdentitySource: ["$request.header.Authorization"]
      JwtConfiguration:
        Issuer: !Ref JwtIssuer
        Audience: [!Ref JwtAudience]

  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt Function.Arn
      PayloadFormatVersion: "2.0"
      TimeoutInMillis: 30000

  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: POST /predict
      Target: !Sub "integrations/${Integration}"
      AuthorizationType: !Ref Authorization
      AuthorizerId: !If [HasJwt, !Ref Authorizer, !Ref "AWS::NoValue"]

  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties:
      ApiId: !Ref Api
      StageName: $default
      AutoDeploy: true
      DefaultRouteSettings:
        ThrottlingRateLimit: !Ref RequestsPerSecond
        ThrottlingBurstLimit: !Ref Burst

  MayCall:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref Function
      Action: lambda:InvokeFunction
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub
        - arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/${Routes}
        - Routes: "*/*/predict"

Outputs:
  Url:
    Description: POST questions here.
    Value: !Sub "${Api.ApiEndpoint}/predict"
  FunctionName:
    Description: The function's log tells what went wrong.
    Value: !Ref Function
"""
