package eventgen

// ciphers are what the two versions of TLS agree on here.
var ciphers = [...]string{"TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"}

var tlsVersions = [...]string{"TLSv1.3", "TLSv1.2"}

// consoleAgent is what CloudTrail writes for most requests that the console
// makes on somebody's behalf.
const consoleAgent = "AWS Internal"

var browsers = [...]string{
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
	"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
}

var toolAgents = [...]string{
	"aws-cli/2.31.6 md/awscrt#0.27.6 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.7 md/pyimpl#CPython m/b,E,Z cfg/retry-mode#standard md/installer#source md/prompt#off md/command#ec2.describe-instances",
	"aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0-71-generic md/arch#x86_64 lang/python#3.13.4 md/pyimpl#CPython m/E,b cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.24 md/prompt#off md/command#s3.ls",
	"aws-cli/1.42.30 md/Botocore#1.40.30 ua/2.1 os/linux#6.12.8 md/arch#x86_64 lang/python#3.12.11 md/pyimpl#CPython cfg/retry-mode#legacy botocore/1.40.30",
	"APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io) terraform-provider-aws/6.14.1 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.1 ua/2.1 os/macos lang/go#1.24.6 md/GOOS#darwin md/GOARCH#arm64 api/ec2#1.254.0",
	"Boto3/1.40.39 md/Botocore#1.40.39 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.12.11 md/pyimpl#CPython m/D,b,Z cfg/retry-mode#legacy Botocore/1.40.39",
	"Steampipe/1.1.4 aws-sdk-go-v2/1.38.0 ua/2.1 os/linux lang/go#1.24.5 md/GOOS#linux md/GOARCH#amd64",
}

var deployAgents = [...]string{
	"APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io) terraform-provider-aws/6.14.1 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.1 ua/2.1 os/linux lang/go#1.24.6 md/GOOS#linux md/GOARCH#amd64 api/iam#1.47.0 m/C,n",
	"aws-cli/2.31.6 md/awscrt#0.27.6 ua/2.1 os/linux#6.11.0-1018-azure md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython exec-env/GitHubActions m/E,b cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#ecs.update-service",
	"aws-sdk-js/3.893.0 ua/2.1 os/linux#6.11.0-1018-azure lang/js md/nodejs#22.19.0 api/cloudformation#3.893.0 aws-cdk/2.1029.2 m/E,n,U",
}

var sdkAgents = [...]string{
	"Boto3/1.40.30 md/Botocore#1.40.30 ua/2.1 os/linux#5.10.242-239.961.amzn2.x86_64 md/arch#x86_64 lang/python#3.12.11 md/pyimpl#CPython exec-env/AWS_Lambda_python3.12 m/Z,b,D cfg/retry-mode#legacy Botocore/1.40.30",
	"aws-sdk-go-v2/1.39.1 ua/2.1 os/linux lang/go#1.24.7 md/GOOS#linux md/GOARCH#arm64 exec-env/AWS_ECS_FARGATE api/s3#1.88.1 m/E,Z",
	"aws-sdk-java/2.33.12 md/io#async md/http#NettyNio md/internal ua/2.1 os/Linux#6.1.150-174.273.amzn2023.x86_64 lang/java#21.0.8 md/OpenJDK_64-Bit_Server_VM#21.0.8+9-LTS md/vendor#Amazon.com_Inc. md/en_US m/D,N",
	"aws-sdk-js/3.893.0 ua/2.1 os/linux#5.10.242-239.961.amzn2.aarch64 lang/js md/nodejs#22.18.0 exec-env/AWS_Lambda_nodejs22.x api/dynamodb#3.893.0 m/E,e",
	"aws-sdk-go/1.55.5 (go1.22.4; linux; amd64) amazon-ssm-agent/3.3.1957.0",
	"Boto3/1.38.46 md/Botocore#1.38.46 ua/2.1 os/linux#6.1.150-174.273.amzn2023.x86_64 md/arch#x86_64 lang/python#3.11.13 md/pyimpl#CPython m/b,Z cfg/retry-mode#standard Botocore/1.38.46",
	"aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.23.8 md/GOOS#linux md/GOARCH#amd64 api/sqs#1.38.5 m/E,e karpenter.sh-1.6.3",
	"aws-sdk-rust/1.3.8 ua/2.1 api/kinesis/1.88.0 os/linux lang/rust/1.88.0 m/E,Z,b",
	"aws-sdk-php/3.356.12 ua/2.1 OS/Linux#6.1.150 lang/php#8.3.25 GuzzleHttp/7 md/en_US m/D",
	"amazon-ecs-agent/1.98.0 (5ae2dd1e) (linux) (+http://aws.amazon.com/ecs/) aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.23.12",
}
